/*
 * A DUT that does not follow a SHOULD or a MAY ends the cases that pass through that rule as a
 * deviation from it, or skipped, and never as a failure of the MUST that they are about.
 */
#include "matrix.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A case, what is untrue of its DUT, and the rule by which it has to end. */
struct premise_row {
	const char *cases, *lie;
	enum requirement_id rule;
};

static const struct premise_row rows[] = {
	{"delayed_ack.filled_hole_gets_one", "out_of_order_discarded", RFC9293(SHLD, 31)},
	{"delayed_ack.filled_hole_gets_it_at_once", "out_of_order_discarded", RFC9293(SHLD, 31)},
	{"out_of_order", "out_of_order_discarded", RFC9293(SHLD, 31)},
	{"active_close.fin_out_of_order_waits", "out_of_order_discarded", RFC9293(SHLD, 31)},
	{"fin_and_data.fin_waits_for_the_hole", "out_of_order_discarded", RFC9293(SHLD, 31)},
	{"paws.judged_on_arrival_only", "out_of_order_discarded", RFC9293(SHLD, 31)},
	{"timestamps_echo.across_a_hole", "out_of_order_discarded", RFC9293(SHLD, 31)},
	{"window_scale_out.behind_a_hole_to_the_edge", "out_of_order_discarded",
	 RFC9293(SHLD, 31)},

	{"delayed_ack.filled_hole_gets_one", "out_of_order_unanswered", RFC(5681, 11)},
	{"active_close.fin_out_of_order_waits", "out_of_order_unanswered", RFC(5681, 11)},
	{"fin_and_data.fin_waits_for_the_hole", "out_of_order_unanswered", RFC(5681, 11)},
	{"paws.judged_on_arrival_only", "out_of_order_unanswered", RFC(5681, 11)},
	{"timestamps_echo.across_a_hole", "out_of_order_unanswered", RFC(5681, 11)},
	{"timestamps_everywhere.*_open/ack_of_data_behind_a_hole", "out_of_order_unanswered",
	 RFC(5681, 11)},
	{"window_scale_out.behind_a_hole_to_the_edge", "out_of_order_unanswered", RFC(5681, 11)},
	{"wrap_in.out_of_order", "out_of_order_unanswered", RFC(5681, 11)},

	{"shrinking_window.one_that_shrank_to_nothing_is_probed", "window_of_one_segment",
	 RFC(6928, 1)},
	{"silly_window.edge_that_creeps_is_not_followed", "window_of_one_segment", RFC(6928, 1)},
	{"window_scale_in.shrinks", "window_of_one_segment", RFC(6928, 1)},
	{"send_window.is_never_exceeded/8191_bytes", "window_of_one_segment", RFC(6928, 1)},

	{"passive_close.repeated_fin_is_acknowledged", "ack_not_again", RFC9293(EV, SEQ_UNACC)},
	{"after_the_fin.repeated_fin_is_acknowledged/closing", "ack_not_again",
	 RFC9293(EV, SEQ_UNACC)},
	{"time_wait_segment.old_data_is_acknowledged_only", "ack_not_again",
	 RFC9293(EV, SEQ_UNACC)},
	{"timestamps_everywhere.*_open/ack_of_a_duplicate", "ack_not_again",
	 RFC9293(EV, SEQ_UNACC)},
	{"wrap_in.old_fin_closes_nothing", "ack_not_again", RFC9293(EV, SEQ_UNACC)},
	{"wrap_in.overlapping", "ack_not_again", RFC9293(EV, SEQ_UNACC)},

	{"passive_close.four_segments", "rst_lost", RFC9293(EV, LISTEN_ACK)},
	{"receive_window.rst_counts_where_it_is_closed", "rst_lost", RFC9293(EV, LISTEN_ACK)},
	{"reset.at_rcv_nxt_*", "rst_lost", RFC9293(EV, LISTEN_ACK)},
	{"syn_received.rst_at_rcv_nxt_goes_back_to_listen", "rst_lost", RFC9293(EV, LISTEN_ACK)},
	{"third_segment.data_after_the_entry_has_expired_gets_rst", "rst_lost",
	 RFC9293(EV, LISTEN_ACK)},

	{"closed_port.*_gets_rst*", "rst_very_late", RFC9293(EV, RST_SOON)},

	{"icmp_error.goes_to_the_connection_it_quotes", "soft_error_untold", RFC9293(SHLD, 25)},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

struct judged {
	const struct premise_row *row; /* of the cases that run now; their lie is the same */
	unsigned right, wrong;
	FILE *out;
};

static const struct premise_row *row_of(const struct premise_row *first, const char *name)
{
	for (const struct premise_row *row = rows; row < rows + ROWS; row++)
		if (!strcmp(row->lie, first->lie) && claims_mean(row->cases, name))
			return row;
	return NULL;
}

static int premise_enter(struct matrix *matrix, const struct ended *ended, const void *arg)
{
	struct judged *judged = *(struct judged *const *)arg;
	const char *name = matrix->names[ended->subject];
	const struct premise_row *row = row_of(judged->row, name);
	const struct requirement *rule = row ? requirement_get(row->rule) : NULL;
	enum verdict want;

	if (!rule)
		return 0;
	want = rule->level == LEVEL_MAY ? VERDICT_SKIP : VERDICT_DEVIATION;
	if (matrix->company.told[ended->subject].count && ended->verdict == want &&
	    ended->judged_by && !strcmp(ended->judged_by, rule->name)) {
		judged->right++;
		return 0;
	}
	judged->wrong++;
	fprintf(judged->out, "%s with %s: %s by %s, want %s by %s: %s\n", name, row->lie,
		verdict_name(ended->verdict),
		ended->judged_by ? ended->judged_by : "the case's own rule", verdict_name(want),
		rule->name, ended->message);
	return 0;
}

/* Every case of the rows with this row's lie. */
static int run_row(struct matrix *matrix, struct judged *judged, struct why *why)
{
	size_t lie = claims_lie(matrix, judged->row->lie), given = 0;

	if (lie == NO_LIE)
		return why_set(why, EINVAL, "premises: there is no mutation \"%s\"",
			       judged->row->lie);
	company_ready(&matrix->company);
	for (size_t i = 0; i < matrix->count; i++)
		if (row_of(judged->row, matrix->names[i])) {
			matrix->company.given[i] = lie;
			given++;
		}
	return given ? matrix_run_given(matrix, premise_enter, &judged, why) : 0;
}

static bool is_first_of_its_lie(size_t row)
{
	for (size_t i = 0; i < row; i++)
		if (!strcmp(rows[i].lie, rows[row].lie))
			return false;
	return true;
}

int premises_check(struct matrix *matrix, FILE *out, struct why *why)
{
	struct judged judged = {.out = out};
	int r = 0;

	for (size_t i = 0; i < ROWS && !r; i++) {
		judged.row = &rows[i];
		if (is_first_of_its_lie(i))
			r = run_row(matrix, &judged, why);
	}
	if (r)
		return r;
	fprintf(out, "%u premises end by their own rule, %u do not\n", judged.right, judged.wrong);
	return judged.right && !judged.wrong ? 0 : 1;
}
