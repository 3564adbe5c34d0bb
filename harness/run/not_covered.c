#include "run/not_covered.h"
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	const char *const *lines;
} built_in[] = {
#include "not_covered_table.h"
};

const char *const *not_covered_lines(void)
{
	return built_in[0].lines;
}

/* A cell without the blanks around it. */
static char *cell(char *text_)
{
	size_t n;

	text_ += strspn(text_, " \t");
	n = strlen(text_);
	while (n && strchr(" \t\r\n", text_[n - 1]))
		text_[--n] = '\0';
	return text_;
}

bool not_covered_parse(char *line, struct not_covered *out)
{
	char *name, *reason, *end;

	if (*line != '|')
		return false;
	name = line + 1;
	reason = strchr(name, '|');
	if (reason)
		*reason++ = '\0';
	else
		reason = name + strlen(name);
	end = strrchr(reason, '|');
	if (end)
		*end = '\0';
	name = cell(name);
	if (!strcmp(name, "requirement") || (*name && !name[strspn(name, "-:")]))
		return false;
	*out = (struct not_covered){.name = name, .reason = cell(reason)};
	return true;
}

unsigned not_covered_rfc(const char *name)
{
	unsigned rfc;
	char end;

	return sscanf(name, "RFC%5u%c", &rfc, &end) == 1 ? rfc : 0;
}
