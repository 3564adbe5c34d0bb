/*
 * The scripted peer against a DUT of a few lines.
 */
#include "world.h"

static void numbers_are_relative_and_wrap(void **state)
{
	struct world *w = *state;
	const struct heard *got;

	if (setjmp(w->end))
		fail_msg("%s", w->message);
	peer_inject(w->p, SEGMENT(SYN));
	got = peer_expect(w->p, SEGMENT(SYN | ACK, .seq = is(0), .ack = is(1)));
	assert_int_equal(got->raw_seq, DUT_ISN);
	assert_int_equal(got->raw_ack, PEER_ISN + 1);
	peer_inject(w->p, SEGMENT(ACK, .data = pattern(100)));
	peer_expect(w->p, SEGMENT(ACK, .seq = is(1), .ack = is(101), .len = is(0)));
	assert_int_equal(peer_snd_nxt(w->p), 101);
	assert_int_equal(peer_rcv_nxt(w->p), 1);
}

static void a_wrong_number_breaks_the_claim(void **state)
{
	struct world *w = *state;

	w->lie = 1;
	if (!setjmp(w->end)) {
		peer_at(w->p, 77);
		peer_inject(w->p, SEGMENT(SYN));
		peer_expect(w->p, SEGMENT(SYN | ACK, .ack = is(1)));
		fail_msg("the lie went through");
	}
	assert_true(w->broken);
	assert_int_equal(w->line, 77);
	assert_non_null(strstr(w->message, "want ack 1, got 2"));
	assert_true(w->rungs[w->count - 1].broken);
	assert_non_null(strstr(w->rungs[w->count - 1].want, "ack 1"));
}

static void nothing_heard_is_a_missing_rung(void **state)
{
	struct world *w = *state;

	w->mute = true;
	if (!setjmp(w->end)) {
		peer_inject(w->p, SEGMENT(SYN));
		peer_expect(w->p, SEGMENT(SYN | ACK, .when = within(ms(30))));
		fail_msg("nothing was taken for something");
	}
	assert_true(w->broken);
	assert_int_equal(w->rungs[w->count - 1].kind, RUNG_MISSING);
	assert_non_null(strstr(w->message, "no segment arrived; expected "));
}

static void too_late_is_too_late(void **state)
{
	struct world *w = *state;

	w->late = ms(80);
	if (!setjmp(w->end)) {
		peer_inject(w->p, SEGMENT(SYN));
		peer_expect(w->p, SEGMENT(SYN | ACK, .when = within(ms(50))));
		fail_msg("a late answer went through");
	}
	assert_true(w->broken);
}

static void silence_hears_a_segment(void **state)
{
	struct world *w = *state;

	if (!setjmp(w->end)) {
		peer_inject(w->p, SEGMENT(SYN));
		(expect_silence)(w->p, ms(20));
		fail_msg("an answer was taken for silence");
	}
	assert_true(w->broken);
}

static void silence_is_silence(void **state)
{
	struct world *w = *state;

	w->mute = true;
	if (setjmp(w->end))
		fail_msg("%s", w->message);
	peer_inject(w->p, SEGMENT(SYN));
	(expect_silence)(w->p, ms(20));
	exchange_audit(w->x);
	capture_is_sound(w);
	assert_int_equal(w->count, 2);
	assert_int_equal(w->rungs[0].kind, RUNG_SENT);
	assert_int_equal(w->rungs[1].kind, RUNG_SILENCE);
}

static void a_lost_segment_never_leaves(void **state)
{
	struct world *w = *state;

	if (setjmp(w->end))
		fail_msg("%s", w->message);
	peer_lose(w->p, SEGMENT(SYN));
	(expect_silence)(w->p, ms(10));
	assert_int_equal(peer_snd_nxt(w->p), 1);
}

static void a_lost_answer_moves_no_numbers(void **state)
{
	struct world *w = *state;

	if (setjmp(w->end))
		fail_msg("%s", w->message);
	peer_inject(w->p, SEGMENT(SYN));
	peer_expect_lost(w->p, SEGMENT(SYN | ACK, .ack = is(1)));
	assert_int_equal(peer_rcv_nxt(w->p), 0);
}

/* The DUT's windows are 1000; a scale counts when both sides offered one, and not on a SYN. */
static void places_follow_the_window(void **state)
{
	struct world *w = *state;

	if (setjmp(w->end))
		fail_msg("%s", w->message);
	peer_inject(w->p, SEGMENT(SYN));
	peer_expect(w->p, SEGMENT(SYN | ACK, .ack = is(1)));
	assert_int_equal(peer_place(w->p, LEFT_OF_WINDOW), 0);
	assert_int_equal(peer_place(w->p, LEFT_EDGE), 1);
	assert_int_equal(peer_place(w->p, IN_WINDOW), 2);
	assert_int_equal(peer_place(w->p, RIGHT_EDGE), 1000);
	assert_int_equal(peer_place(w->p, RIGHT_OF_WINDOW), 1001);
	assert_int_equal(peer_place(w->p, FAR_RIGHT), 1001 + (1u << 30));
	peer_inject(w->p, SEGMENT(ACK, .data = pattern(10)));
	assert_int_equal(peer_place(w->p, LEFT_EDGE), 11);
	assert_int_equal(peer_place(w->p, RIGHT_EDGE), 1000);
	peer_expect(w->p, SEGMENT(ACK, .ack = is(11)));
	assert_int_equal(peer_place(w->p, RIGHT_EDGE), 1010);
}

static void a_scaled_window_reaches_further(void **state)
{
	struct world *w = *state;

	w->wscale = 3;
	if (setjmp(w->end))
		fail_msg("%s", w->message);
	peer_inject(w->p, SEGMENT(SYN, .options = {opt_wscale(0)}));
	peer_expect(w->p, SEGMENT(SYN | ACK, .ack = is(1)));
	assert_int_equal(peer_place(w->p, RIGHT_EDGE), 1000);
	peer_inject(w->p, SEGMENT(ACK, .data = pattern(10)));
	peer_expect(w->p, SEGMENT(ACK, .ack = is(11)));
	assert_int_equal(peer_place(w->p, RIGHT_EDGE), 8010);
}

static void a_scale_that_was_not_asked_for_is_none(void **state)
{
	struct world *w = *state;

	w->wscale = 3;
	if (setjmp(w->end))
		fail_msg("%s", w->message);
	peer_inject(w->p, SEGMENT(SYN));
	peer_expect(w->p, SEGMENT(SYN | ACK, .ack = is(1)));
	peer_inject(w->p, SEGMENT(ACK, .data = pattern(10)));
	peer_expect(w->p, SEGMENT(ACK, .ack = is(11)));
	assert_int_equal(peer_place(w->p, RIGHT_EDGE), 1010);
}

static void any_of_several(void **state)
{
	struct world *w = *state;
	const struct heard *got = NULL;
	const struct segment templates[] = {{.flags = RST}, {.flags = SYN | ACK, .ack = is(1)}};

	if (setjmp(w->end))
		fail_msg("%s", w->message);
	peer_inject(w->p, SEGMENT(SYN));
	assert_int_equal(peer_expect_any(w->p, &got, templates, 2), 1);
	assert_int_equal(got->ack, 1);
}

static void an_unreadable_frame_breaks_the_claim(void **state)
{
	struct world *w = *state;

	w->garbage = true;
	if (!setjmp(w->end)) {
		peer_inject(w->p, SEGMENT(SYN));
		peer_expect(w->p, SEGMENT(SYN | ACK));
		fail_msg("a malformed frame went through");
	}
	assert_true(w->broken);
	assert_non_null(strstr(w->message, "cannot be read"));
}

/* What is heard is kept until the end, so that a flood has to have one. */
static void a_flood_ends_a_case(void **state)
{
	struct world *w = *state;

	w->flood = true;
	if (!setjmp(w->end)) {
		for (int i = 0; i < 200000; i++)
			dut_says(w, &(struct packet){.tcp = {.dest_port = 7, .source_port = 8}},
				 ACK, 1, 1);
		(expect_silence)(w->p, ms(30));
		fail_msg("it went on");
	}
	assert_false(w->broken);
	assert_int_equal(w->verdict, VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(w->message, "the limit of 50000 segments and other events"));
}

static void a_rehearsal_meets_every_expectation(void **state)
{
	struct world *w = *state;
	const struct heard *got;

	if (setjmp(w->end))
		fail_msg("%s", w->message);
	peer_inject(w->p, SEGMENT(SYN));
	got = peer_expect(w->p, SEGMENT(SYN | ACK, .ack = is(1), .mss = is(1460)));
	assert_int_equal(got->options.mss, 1460);
	peer_inject(w->p, SEGMENT(ACK));
	got = peer_expect(w->p, SEGMENT(ACK, .len = from_to(1, 536), .when = about(sec(1))));
	assert_int_equal(got->len, 536);
	(expect_silence)(w->p, sec(100));
	peer_check(w->p, false, false, "never", "a rehearsal checks nothing");
	exchange_audit(w->x);
	capture_is_sound(w);
	assert_int_equal(w->count, 5);
	assert_non_null(strstr(w->rungs[1].text, "ack 1"));
}

/* A keep-alive probe has the number before the next one, and a bare ACK the next one. */
static void a_number_out_of_place_is_shown(void **state)
{
	struct world *w = *state;

	if (!setjmp(w->end)) {
		peer_inject(w->p, SEGMENT(SYN));
		peer_expect(w->p, SEGMENT(SYN | ACK));
		peer_inject(w->p, SEGMENT(ACK));
		peer_inject(w->p, SEGMENT(ACK, .data = pattern(100)));
		peer_expect(w->p, SEGMENT(ACK, .ack = is(101)));
		w->back = 1;
		peer_inject(w->p, SEGMENT(ACK, .data = pattern(100)));
		peer_expect(w->p, SEGMENT(ACK, .ack = is(201)));
		peer_inject(w->p, SEGMENT(ACK, .seq = is(200)));
		peer_check(w->p, false, false, "the end", "the ladder is told");
	}
	assert_ptr_equal(strstr(w->rungs[2].text, ". ack 1, "), w->rungs[2].text);
	assert_ptr_equal(strstr(w->rungs[4].text, ". ack 101, "), w->rungs[4].text);
	assert_ptr_equal(strstr(w->rungs[6].text, ". seq 0, ack 201, "), w->rungs[6].text);
	assert_ptr_equal(strstr(w->rungs[7].text, ". seq 200, ack 1, "), w->rungs[7].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(numbers_are_relative_and_wrap, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrong_number_breaks_the_claim, setup, teardown),
		cmocka_unit_test_setup_teardown(a_number_out_of_place_is_shown, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_heard_is_a_missing_rung, setup, teardown),
		cmocka_unit_test_setup_teardown(too_late_is_too_late, setup, teardown),
		cmocka_unit_test_setup_teardown(silence_hears_a_segment, setup, teardown),
		cmocka_unit_test_setup_teardown(silence_is_silence, setup, teardown),
		cmocka_unit_test_setup_teardown(a_lost_segment_never_leaves, setup, teardown),
		cmocka_unit_test_setup_teardown(a_lost_answer_moves_no_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(places_follow_the_window, setup, teardown),
		cmocka_unit_test_setup_teardown(a_scaled_window_reaches_further, setup, teardown),
		cmocka_unit_test_setup_teardown(a_scale_that_was_not_asked_for_is_none, setup,
						teardown),
		cmocka_unit_test_setup_teardown(any_of_several, setup, teardown),
		cmocka_unit_test_setup_teardown(an_unreadable_frame_breaks_the_claim, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_flood_ends_a_case, setup, teardown),
		cmocka_unit_test_setup_teardown(a_rehearsal_meets_every_expectation,
						setup_rehearsal, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
