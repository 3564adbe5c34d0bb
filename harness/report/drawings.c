/*
 * The ladder of every case as text, as each ends.
 */
#include "report/clean.h"
#include "report/reporter.h"

static void ladder_ended(struct reporter *reporter, struct record *record)
{
	struct buffer *out = &reporter->out;

	clean_line(out, record->name);
	buffer_text(out, " ");
	clean_line(out, record->over);
	buffer_printf(out, ": %s", verdict_name(record_verdict(record)->verdict));
	if (record_verdict(record)->message && *record_verdict(record)->message) {
		buffer_text(out, ": ");
		clean_line(out, record_verdict(record)->message);
	}
	buffer_text(out, "\n");
	record_draw(record, out, reporter->options.colour);
	buffer_text(out, "\n");
}

const struct format format_ladder = {.name = "ladder", .ended = ladder_ended};
