/*
 * The facts of a path in words.
 */
#include "target/target.h"

static const char *const requests[] = {
	[PATH_REQUEST_NONE] = "requests",
	[PATH_ECHO] = "echo requests",
	[PATH_NEIGHBOUR] = "neighbour requests",
	[PATH_SYN] = "SYNs",
};

void path_text(struct buffer *out, const struct path_facts *facts)
{
	const char *sep = "";

	if (facts->kind == PATH_DIRECT)
		buffer_text(out, "directly connected; ");
	if (facts->lost) {
		buffer_printf(out, "the path lost %u of %u segments", facts->lost, facts->sent);
		sep = "; ";
	}
	if (facts->duplicated) {
		buffer_printf(out, "%sthe path duplicated %u of %u segments", sep,
			      facts->duplicated, facts->sent);
		sep = "; ";
	}
	if (facts->reordered) {
		buffer_printf(out, "%sthe path delivered %u of %u segments out of order", sep,
			      facts->reordered, facts->sent);
		sep = "; ";
	}
	if (!*sep && facts->sent) {
		buffer_printf(out, "%u %s%s, none lost, duplicated or reordered", facts->sent,
			      requests[facts->by],
			      facts->kind == PATH_ROUTED && facts->by != PATH_SYN ? " and SYNs"
										   : "");
		sep = "; ";
	}
	if (facts->filter)
		buffer_printf(out, "%sa stateful filter %s segments of no connection%s", sep,
			      facts->rejects ? "rejects" : "drops",
			      facts->filter_acks ? ", ACKs too" : ", but for ACKs");
	else if (facts->rejects)
		buffer_printf(out, "%sa filter rejects some segments of no connection", sep);
	if (facts->filter || facts->rejects)
		sep = "; ";
	if (facts->translates)
		buffer_printf(out, "%sa translator of addresses does not translate segments that "
			      "fit no connection", sep);
	if (facts->translates)
		sep = "; ";
	if (facts->stand_in)
		buffer_printf(out, "%ssegments of one connection come from different distances",
			      sep);
	if (facts->stand_in)
		sep = "; ";
	buffer_printf(out, "%sround trip %.3f to %.3f ms", sep, (double)facts->rtt_least / 1e6,
		      (double)facts->rtt_worst / 1e6);
}
