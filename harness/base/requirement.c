#include <lastack/requirement.h>
#include <stddef.h>
#include <string.h>

static const struct requirement table[REQUIREMENT_END] = {
#define REQUIREMENT(id_, rfc_, section_, level_, observable_, name_, sentence_)                    \
	[id_] = {.id = id_,                                                                        \
		 .rfc = rfc_,                                                                      \
		 .section = section_,                                                              \
		 .level = LEVEL_##level_,                                                          \
		 .observable = OBSERVABLE_##observable_,                                           \
		 .name = name_,                                                                    \
		 .sentence = sentence_},
#include <lastack/requirements.def>
#undef REQUIREMENT
};

static const char *const levels[] = {
	[LEVEL_UNSET] = "",
	[LEVEL_MUST] = "MUST",
	[LEVEL_MUST_NOT] = "MUST NOT",
	[LEVEL_SHOULD] = "SHOULD",
	[LEVEL_SHOULD_NOT] = "SHOULD NOT",
	[LEVEL_MAY] = "MAY",
	[LEVEL_DOCUMENTED] = "DOCUMENTED",
};

const struct requirement *requirement_get(enum requirement_id id)
{
	if ((int)id <= REQUIREMENT_NONE || id >= REQUIREMENT_END)
		return NULL;
	return &table[id];
}

const struct requirement *requirement_find(const char *name)
{
	for (int id = REQUIREMENT_NONE + 1; id < REQUIREMENT_END; id++)
		if (!strcmp(table[id].name, name))
			return &table[id];
	return NULL;
}

const char *level_name(enum level level)
{
	if ((size_t)level >= sizeof(levels) / sizeof(levels[0]))
		return "";
	return levels[level];
}
