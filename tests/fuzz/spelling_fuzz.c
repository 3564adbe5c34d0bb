/*
 * What people type for a probe: every parser, and options that are printed and read back.
 *
 * Input: the first byte says which parser, the rest is the text.
 */
#include "probe/probe.h"
#include "replay.h"
#include <errno.h>
#include <string.h>

static void flags_try(const char *text_, struct why *why)
{
	unsigned flags = 0, again;
	char words[FLAGS_TEXT_MAX];
	int r = spell_flags("flags", text_, &flags, why);

	HOLDS(!r || r == -EINVAL);
	if (r)
		return;
	HOLDS(flags <= 0x1ff);
	HOLDS(!spell_flags("flags", flags_text(flags, words), &again, why));
	HOLDS(again == flags);
}

/* What was read is printed as tcpdump does, and that is read as the same bytes. */
static void options_try(const char *text_, struct why *why)
{
	struct option list[OPTIONS_MAX], again[OPTIONS_MAX];
	uint8_t bytes[OPTION_BYTES_MAX], back[OPTION_BYTES_MAX];
	struct buffer words = {.at = NULL};
	size_t n, m, len, back_len;
	int r = spell_options("options", text_, list, &n, why);

	HOLDS(!r || r == -EINVAL);
	if (r)
		return;
	HOLDS(n <= OPTIONS_MAX);
	HOLDS(!options_encode(list, n, bytes, &len));
	options_text(&words, bytes, len);
	/* A lie cannot be printed so, nor what stands behind the end of the list. */
	if (words.at && !strstr(words.at, "[") && !strstr(words.at, "eol")) {
		HOLDS(!spell_options("options", words.at, again, &m, why));
		HOLDS(!options_encode(again, m, back, &back_len));
		HOLDS(back_len == len && !memcmp(back, bytes, len));
	}
	buffer_free(&words);
}

static void play_try(const char *text_, struct why *why)
{
	struct play play;
	int r = play_parse("play", text_, &play, why);

	HOLDS(!r || r == -EINVAL);
	if (r)
		return;
	HOLDS(play.count >= 1 && play.count <= PLAY_STEPS_MAX);
	for (size_t i = 0; i < play.count; i++) {
		const struct step *step = &play.steps[i];

		HOLDS(step->kind != STEP_EXPECT || step->expect.silence || step->expect.count);
		for (size_t j = 0; j < step->send.data.len; j++)
			HOLDS(((const uint8_t *)step->send.data.at)[j] <= UINT8_MAX);
	}
	play_free(&play);
}

static void rest_try(const char *text_, struct why *why)
{
	struct buffer data = {.at = NULL};
	struct expectation expect;
	struct probe_target target;
	uint32_t value;
	nanos duration;
	bool plus;

	if (!spell_number("number", text_, 1000, &plus, &value, why))
		HOLDS(value <= 1000);
	if (!spell_duration("time", text_, &duration, why))
		HOLDS(duration >= 0);
	if (!spell_target("target", text_, &target, why))
		HOLDS(target.port && strlen(target.host) < PROBE_HOST_MAX);
	if (!spell_expectation("expect", text_, &expect, why))
		HOLDS(expect.silence || expect.count <= EXPECTATIONS_MAX);
	if (!spell_data("data", text_, &data, why))
		HOLDS(data.len <= strlen(text_));
	buffer_free(&data);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct why why = {.text = ""};
	char *text_;

	if (!n)
		return 0;
	text_ = strndup((const char *)bytes + 1, n - 1);
	HOLDS(text_);
	switch (bytes[0] % 4) {
	case 0:
		flags_try(text_, &why);
		break;
	case 1:
		options_try(text_, &why);
		break;
	case 2:
		play_try(text_, &why);
		break;
	default:
		rest_try(text_, &why);
		break;
	}
	free(text_);
	return 0;
}
