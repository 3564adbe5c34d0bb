/*
 * The lies that belie what cases claim: each case must catch its own.
 *
 * A row names cases by selectors as run takes them, globs allowed, and lies. One behind '@' is
 * told the last time only, where the claim is about what comes last. A case may stand in several
 * rows, or in none: then a lie of each kind will do, whichever it catches.
 */
#include "matrix.h"
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

static const struct claim claims[] = {
	/* Opening. */
	{"passive_open.three_segments",
	 "syn_ack_lost syn_ack_without_ack syn_ack_acks_nothing syn_ack_acks_more listen_as_closed "
	 "syn_received_as_established established_as_syn_received"},
	{"passive_open.third_segment_carries_data",
	 "ack_lost ack_less ack_more read_changed read_again accept_gives_nothing"},
	{"active_open.three_segments",
	 "syn_lost syn_with_ack ack_lost ack_less seq_more syn_sent_as_closed "
	 "established_as_closed"},
	{"active_open.carries_data_both_ways",
	 "ack_more seq_more data_changed data_short read_changed"},
	{"simultaneous_open.*", "syn_ack_lost syn_ack_seq_more syn_ack_acks_nothing"},
	{"early_data.on_the_syn", "accept_out_of_nothing read_again syn_received_as_established"},
	{"early_data.on_the_syn_and_again_after_the_handshake",
	 "accept_out_of_nothing read_again syn_received_as_established"},
	{"early_data.on_the_syn_ack", "ack_lost read_again connect_refused"},

	/* Segments that open nothing. */
	{"closed_port.ack_gets_rst",
	 "rst_lost rst_late rst_seq_more rst_with_ack rst_becomes_ack rst_twice"},
	{"closed_port.without_ack_gets_rst_ack",
	 "rst_lost rst_late rst_seq_more rst_ack_more rst_without_ack rst_becomes_ack rst_twice"},
	{"closed_port.rst_gets_nothing", "rst_gets_rst rst_gets_ack"},
	{"listening.ack_gets_rst",
	 "rst_lost rst_late rst_seq_more rst_with_ack rst_becomes_ack listen_as_closed"},
	{"listening.rst_is_ignored", "rst_gets_rst rst_gets_ack listen_as_closed"},
	{"listening.other_is_dropped", "bare_gets_rst bare_gets_ack listen_as_closed"},
	{"listening.syn_fin_harms_nobody", "syn_gets_rst accept_out_of_nothing listen_as_closed"},

	/* Events in the states. */
	{"syn_sent.bad_ack_gets_rst",
	 "rst_lost rst_late rst_seq_more rst_with_ack rst_becomes_ack syn_sent_as_closed "
	 "connect_refused"},
	{"syn_sent.rst_with*_is_dropped",
	 "rst_gets_rst rst_gets_ack syn_sent_as_closed connect_refused"},
	{"syn_sent.rst_with_a_right_ack_refuses",
	 "rst_gets_rst rst_gets_ack refused_as_connected refused_as_timed_out "
	 "closed_as_time_wait"},
	{"syn_sent.neither_syn_nor_rst_is_dropped",
	 "syn_sent_as_closed connect_refused nothing_as_end"},
	{"syn_received.rst_at_rcv_nxt_goes_back_to_listen",
	 "rst_gets_rst rst_gets_ack closed_as_established accept_out_of_nothing "
	 "listen_as_closed"},
	{"syn_received.rst_in_the_window_is_challenged",
	 "ack_lost ack_late ack_less ack_becomes_rst syn_received_as_closed "
	 "syn_received_as_established accept_gives_nothing"},
	{"syn_received.rst_outside_is_dropped",
	 "rst_gets_rst rst_gets_ack syn_received_as_closed accept_gives_nothing"},
	{"syn_received.syn_in_the_window_goes_back_to_listen",
	 "closed_as_established accept_out_of_nothing listen_as_closed"},
	{"syn_received.outside_gets_an_ack",
	 "ack_lost ack_late ack_more ack_becomes_rst syn_received_as_established "
	 "accept_out_of_nothing"},
	{"syn_received.bad_ack_gets_rst",
	 "rst_lost rst_late rst_seq_more rst_with_ack rst_becomes_ack syn_received_as_closed"},
	{"syn_received.without_ack_is_dropped",
	 "bare_gets_rst bare_gets_ack syn_received_as_established accept_out_of_nothing"},
	{"syn_received.*_after_an_active_open_is_challenged",
	 "ack_lost ack_late ack_becomes_rst syn_received_as_closed connect_refused"},
	{"syn_received.bad_ack_after_an_active_open_gets_rst",
	 "rst_lost rst_late rst_seq_more rst_becomes_ack connect_refused"},
	{"reset.at_rcv_nxt_*", "closed_as_established rst_gets_rst rst_gets_ack"},
	{"reset.is_reported", "closed_as_established reset_as_end reset_as_broken_pipe"},
	{"reset.in_the_window_is_challenged",
	 "@ack_lost @ack_late @ack_less @seq_more @ack_becomes_rst state_ahead"},
	{"reset.answer_to_the_challenge_resets",
	 "@ack_lost @ack_becomes_rst closed_as_established"},
	{"reset.outside_is_dropped", "rst_gets_rst rst_gets_ack state_ahead"},
	{"late_syn.is_challenged",
	 "@ack_lost @ack_late @ack_more @seq_more @ack_becomes_rst @ack_with_syn state_ahead"},
	{"late_syn.rst_after_the_challenge_resets",
	 "@ack_lost @ack_becomes_rst closed_as_established @syn_ack_lost"},
	{"outside_window",
	 "@ack_lost @ack_late @ack_more @seq_more @ack_becomes_rst state_ahead"},
	{"window_edge.ack_within_counts", "@ack_gets_ack @ack_gets_rst"},
	{"window_edge.ack_within_counts/fin_wait_1*", "fin_wait_2_as_fin_wait_1"},
	{"window_edge.ack_within_counts/last_ack*", "closed_as_established"},
	{"window_edge.ack_outside_does_not_count",
	 "@ack_lost @ack_late @ack_more @ack_becomes_rst state_ahead"},
	{"window_edge.data_within_counts",
	 "@ack_lost @ack_less @ack_more fin_wait_2_as_fin_wait_1"},
	{"window_edge.data_outside_does_not_count",
	 "@ack_lost @ack_more @ack_becomes_rst fin_wait_1_as_fin_wait_2"},
	{"no_ack_bit", "bare_gets_rst bare_gets_ack state_ahead"},
	{"ack_number.beyond_snd_nxt_is_answered",
	 "@ack_lost @ack_late @ack_more @seq_more @ack_becomes_rst state_ahead"},
	{"ack_number.beyond_snd_nxt_does_not_count", "@ack_more @ack_becomes_rst state_ahead"},
	{"ack_number.old_is_ignored", "@ack_gets_ack @ack_gets_rst state_ahead"},
	{"ack_number.old_does_not_stop_data", "@ack_lost @ack_less @read_short @read_changed"},
	{"ack_number.in_the_range_counts", "@ack_lost @ack_less @read_short @read_changed"},
	{"ack_number.below_the_range_is_answered",
	 "@ack_lost @ack_more @ack_becomes_rst nothing_as_end established_as_closed"},
	{"after_the_fin.data_is_ignored", "@data_gets_rst end_missing state_ahead"},
	{"after_the_fin.data_across_it_is_ignored", "@data_gets_rst end_missing state_ahead"},
	{"after_the_fin.repeated_fin_is_acknowledged",
	 "@ack_lost @ack_more @fin_gets_rst end_missing state_ahead"},
	{"after_the_fin.second_fin_changes_nothing", "@fin_gets_rst end_missing state_ahead"},
	{"fin_and_data.data_comes_first", "@ack_lost @ack_less @read_short end_missing"},
	{"fin_and_data.fin_waits_for_the_hole",
	 "@ack_lost @ack_less @read_short nothing_as_end end_missing"},
	{"fin_and_data.data_crosses_the_fin",
	 "@ack_lost @ack_less @read_short fin_wait_1_as_fin_wait_2"},
	{"time_wait_kept", "time_wait_as_closed"},

	/* A segment of the handshake is lost. */
	{"first_segment.*to_the_end", "syn_not_again syn_slow connect_late connect_early"},
	{"first_segment.sent_again_with_doubling_intervals",
	 "syn_not_again syn_slow syn_early connect_late connect_early timed_out_as_refused"},
	{"first_segment.linear_timeouts",
	 "syn_not_again syn_slow syn_early connect_late connect_early timed_out_as_refused"},
	{"first_segment.retries_of_one_socket", "syn_not_again syn_slow timed_out_as_refused"},
	{"first_segment.second_syn_opens", "syn_not_again syn_slow syn_again_with_another_isn"},
	{"second_segment.sent_again_with_doubling_intervals",
	 "syn_ack_not_again syn_ack_slow syn_ack_early"},
	{"second_segment.sent_again_unchanged",
	 "syn_ack_again_with_another_isn syn_ack_again_with_another_window options_not_again "
	 "mss_changes wscale_changes sack_permitted_not_again echo_wrong"},
	{"second_segment.repeated_syn_is_answered_at_once",
	 "syn_ack_not_again syn_ack_again_with_another_isn syn_ack_again_with_another_window"},
	{"second_segment.retries_exhausted",
	 "syn_ack_not_again @rst_lost @rst_becomes_ack states_late states_early "
	 "accept_out_of_nothing"},
	{"second_segment.retries_of_one_listener",
	 "syn_ack_not_again syn_ack_slow states_late states_early"},
	{"second_segment.default_retries_to_the_end",
	 "syn_ack_not_again syn_ack_slow rst_becomes_ack states_late states_early"},
	{"third_segment.syn_acks_go_on_until_the_ack",
	 "syn_ack_not_again syn_ack_slow syn_ack_early accept_out_of_nothing"},
	{"third_segment.data_completes_the_handshake",
	 "data_gets_rst ack_lost ack_less read_changed read_again accept_gives_nothing"},
	{"third_segment.data_completes_it_after_a_retransmission",
	 "ack_lost ack_becomes_rst read_changed accept_gives_nothing"},
	{"third_segment.fin_completes_the_handshake_too",
	 "ack_less read_short end_missing close_wait_as_established"},
	{"third_segment.data*gets_rst", "rst_lost rst_late rst_seq_more rst_becomes_ack"},
	{"isn_kept.syn_ack_sent_again", "syn_ack_again_with_another_isn syn_ack_not_again"},
	{"isn_kept.the_next_connection_has_another", "isn_constant isn_still"},

	/* Initial sequence numbers. */
	{"isn_over_time.passive_open", "isn_constant isn_random isn_still isn_slow isn_uneven"},
	/* The RST would acknowledge another ISN, and not count: the last SYN ends the case. */
	{"isn_over_time.active_open", "@isn_jumps refused_as_connected"},
	{"isn_across_tuples", "isn_constant isn_without_hash"},

	/* Queues. */
	{"half_open", "syn_gets_rst accept_gives_nothing syn_received_as_closed"},
	{"cookies.answer_a_full_queue",
	 "syn_ack_lost syn_ack_early closed_as_established accept_gives_nothing"},
	{"cookies.data_completes_too", "ack_lost ack_becomes_rst read_again"},
	{"cookies.forged_gets_rst", "rst_lost rst_late rst_seq_more rst_becomes_ack "
	 "accept_out_of_nothing accept_gives_nothing"},
	{"accept_queue.third_segment_is_ignored",
	 "syn_ack_not_again syn_ack_slow syn_received_as_established"},
	{"accept_queue.data_is_ignored_too",
	 "syn_ack_not_again syn_ack_slow data_gets_ack accept_out_of_nothing read_again"},
	{"accept_queue.abort_on_overflow",
	 "rst_lost rst_late rst_becomes_ack accept_gives_nothing accept_out_of_nothing"},

	/* Closing. */
	{"active_close.four_segments",
	 "fin_lost fin_without_fin ack_less fin_wait_1_as_fin_wait_2 fin_wait_2_as_fin_wait_1 "
	 "time_wait_as_closed"},
	{"active_close.fin_and_ack_in_one_segment",
	 "fin_lost ack_lost ack_less fin_wait_1_as_fin_wait_2 time_wait_as_closed"},
	{"active_close.data_is_received_in_fin_wait_2",
	 "broken_pipe_as_success ack_less read_short end_missing"},
	{"active_close.fin_out_of_order_waits", "ack_more nothing_as_end state_ahead"},
	{"service_ends.both_fins_end_it",
	 "fin_lost fin_twice fin_seq_more fin_becomes_rst rst_lost closed_as_established"},
	{"service_ends.fin_is_sent_again_with_doubling_intervals",
	 "fin_lost fin_not_again fin_twice fin_becomes_rst"},
	{"service_ends.repeated_fin_is_acknowledged", "@ack_lost @ack_more @ack_becomes_rst"},
	{"passive_close.four_segments",
	 "fin_lost ack_lost close_wait_as_established last_ack_as_closed closed_as_time_wait "
	 "end_missing"},
	{"passive_close.data_is_sent_in_close_wait",
	 "data_lost data_changed fin_seq_more close_wait_as_established"},
	{"passive_close.fin_behind_data",
	 "ack_less read_short end_missing close_wait_as_established"},
	{"passive_close.repeated_fin_is_acknowledged", "ack_not_again close_wait_as_established"},
	{"simultaneous_close.closing_and_time_wait",
	 "fin_lost ack_less closing_as_time_wait time_wait_as_closed"},
	{"simultaneous_close.fin_is_sent_again_in_closing",
	 "fin_not_again fin_slow fin_early closing_as_time_wait"},
	{"lost_fin.fin_is_sent_again_with_doubling_intervals",
	 "fin_not_again fin_slow fin_early fin_wait_1_as_fin_wait_2"},
	{"lost_fin.last_ack_lost", "fin_not_again fin_slow fin_early last_ack_as_closed "
	 "closed_as_established"},
	{"lost_fin.last_ack_never_comes*", "fin_not_again fin_slow states_late rst_becomes_ack"},
	{"abort_on_close.*gets_rst", "rst_lost rst_late rst_becomes_ack closed_as_established"},
	{"abort_on_close.linger_zero*", "rst_lost rst_late rst_seq_more rst_becomes_ack "
	 "closed_as_established"},
	{"abort_on_close.read_data_gets_fin", "fin_lost fin_without_fin fin_becomes_rst"},
	{"fin_wait_2.orphan*", "states_late states_early closed_as_time_wait rst_becomes_ack"},
	{"fin_wait_2.open_socket*", "fin_wait_2_as_closed ack_becomes_rst read_changed"},

	/* TIME-WAIT. */
	{"time_wait.fin_timeout_does_not_shorten_it", "time_wait_as_closed"},
	{"time_wait.lasts_as_long_as_the_profile_says",
	 "states_late states_early closed_as_time_wait"},
	{"time_wait.repeated_fin_is_acknowledged", "ack_not_again ack_less time_wait_as_closed"},
	{"time_wait.repeated_fin_restarts_the_timer", "ack_not_again states_late states_early"},
	{"time_wait_port.bind_is_refused", "in_use_as_success"},
	{"time_wait_port.bind_works_when_a_rst_ended_it", "in_use_as_success bind_refused"},
	{"time_wait_port.bind_works_after_a_passive_close", "bind_refused"},
	{"time_wait_port.bind_works_when_it_is_over",
	 "in_use_as_success bind_refused states_late states_early"},
	{"time_wait_port.connect_is_refused", "not_available_as_success"},
	{"time_wait_port.connect_works_when_it_is_over",
	 "not_available_as_success @connect_refused states_late states_early"},
	{"time_wait_port.connect_with_timestamps*", "timestamp_old"},
	{"time_wait_segment.syn_beyond_the_old_numbers",
	 "@syn_ack_lost @syn_ack_seq_much_less @accept_gives_nothing"},
	{"time_wait_segment.syn_with_a_newer_timestamp", "@syn_ack_lost @accept_gives_nothing"},
	{"time_wait_segment.syn_with*_old_numbers", "@syn_gets_syn_ack time_wait_as_closed"},
	{"time_wait_segment.syn_with_an_older_timestamp", "@syn_gets_syn_ack time_wait_as_closed"},
	{"time_wait_segment.old_data_is_acknowledged_only",
	 "ack_not_again read_again time_wait_as_closed"},
	{"time_wait_segment.data_behind_the_fin_is_never_delivered", "@ack_more read_again"},
	{"time_wait_segment.old_data_is_not_taken_for_new", "@ack_more read_again"},
	{"time_wait_segment.rst_ends_it", "closed_as_time_wait rst_becomes_ack"},
	{"time_wait_segment.rst_is_ignored_with_rfc1337",
	 "time_wait_as_closed ack_not_again rst_gets_ack"},
	{"time_wait_segment.rst_elsewhere_is_ignored", "time_wait_as_closed @rst_gets_rst"},
	{NULL, NULL},
};

static const struct claim *const tables[] = {claims, claims_of_timers, claims_of_stamps,
	claims_of_windows, claims_of_header};

/* AREA is no word here: a row stays with its cases when their file moves. */
bool claims_mean(const char *selector, const char *name)
{
	size_t n = strlen(name);
	const char *end = name + n;

	/* FAMILY, FAMILY.CASE and FAMILY.CASE/ROW. */
	for (; end > name; end--) {
		char part[256];

		if (*end && *end != '/' && *end != '.')
			continue;
		n = (size_t)(end - name);
		if (n >= sizeof(part))
			return false;
		memcpy(part, name, n);
		part[n] = '\0';
		if (!fnmatch(selector, part, 0))
			return true;
	}
	return false;
}

static size_t lie_find(const struct matrix *matrix, const char *name, size_t n)
{
	for (size_t i = 0; i < matrix->company.lie_count; i++) {
		const char *known = matrix->company.lies[i]->name;

		if (!strncmp(known, name, n) && !known[n])
			return i;
	}
	return NO_LIE;
}

size_t claims_lie(const struct matrix *matrix, const char *name)
{
	return lie_find(matrix, name, strlen(name));
}

/* One lie of a row, for every case that the row means. */
static int claim_enter(struct matrix *matrix, const struct claim *claim, const char *word,
                       size_t n, struct why *why)
{
	bool last = *word == '@';
	size_t lie = lie_find(matrix, word + last, n - last);

	if (lie == NO_LIE)
		return why_set(why, EINVAL, "claims of %s: there is no lie \"%.*s\"", claim->cases,
		               (int)n, word);
	for (size_t i = 0; i < matrix->count; i++) {
		struct cell *cell = matrix_cell(matrix, i, lie);

		if (!claims_mean(claim->cases, matrix->names[i]))
			continue;
		cell->claimed = true;
		cell->claimed_when = last ? TOLD_LAST : TOLD_ALWAYS;
		matrix->subjects[i].claims++;
	}
	return 0;
}

/* A row, for every lie in it. */
static int row_enter(struct matrix *matrix, const struct claim *claim,
                     const struct catalogue *whole, struct why *why)
{
	const char *word = claim->lies;
	bool any = false;
	int r = 0;

	for (size_t c = 0; c < whole->count && !any; c++)
		any = claims_mean(claim->cases, whole->entries[c].name);
	if (!any)
		return why_set(why, EINVAL, "claims of %s: there is no such case", claim->cases);
	while (*word && !r) {
		size_t n = strcspn(word, " ");

		r = claim_enter(matrix, claim, word, n, why);
		word += n + strspn(word + n, " ");
	}
	return r;
}

int claims_enter(struct matrix *matrix, const struct catalogue *whole, struct why *why)
{
	int r = 0;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct claim *claim = tables[i]; claim->cases && !r; claim++)
			r = row_enter(matrix, claim, whole, why);
	return r;
}

void claims_print(const char *lie, FILE *out)
{
	size_t n = strlen(lie);

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct claim *claim = tables[i]; claim->cases; claim++)
			for (const char *word = claim->lies; *word;
			     word += strcspn(word, " "), word += strspn(word, " ")) {
				const char *name = word + (*word == '@');

				if (!strncmp(name, lie, n) && (name[n] == ' ' || !name[n]))
					fprintf(out, " %s", claim->cases);
			}
}
