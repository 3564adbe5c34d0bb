/*
 * What the peer reports of a broken claim: in which way it broke, and what may have caused it.
 */
#include "world.h"

/* The claim breaks by this expectation, after a SYN. */
static void break_by(struct world *w, const struct segment *want)
{
	if (!setjmp(w->end)) {
		peer_inject(w->p, SEGMENT(SYN));
		peer_expect(w->p, want);
		fail_msg("the expectation was met");
	}
}

static void a_missing_segment(void **state)
{
	struct world *w = *state;

	w->mute = true;
	break_by(w, SEGMENT(SYN | ACK, .when = within(ms(30))));
	assert_int_equal(w->facts.kind, BREAK_MISSING);
	assert_true(w->facts.off_by == ms(30));
}

static void a_wrong_value(void **state)
{
	struct world *w = *state;

	break_by(w, SEGMENT(SYN | ACK, .ack = is(2)));
	assert_int_equal(w->facts.kind, BREAK_VALUE);
}

static void a_wrong_length(void **state)
{
	struct world *w = *state;

	break_by(w, SEGMENT(SYN | ACK, .len = is(10)));
	assert_int_equal(w->facts.kind, BREAK_LENGTH);
}

static void another_segment(void **state)
{
	struct world *w = *state;

	break_by(w, SEGMENT(RST));
	assert_int_equal(w->facts.kind, BREAK_UNEXPECTED);
}

static void a_late_segment(void **state)
{
	struct world *w = *state;

	w->late = ms(80);
	break_by(w, SEGMENT(SYN | ACK, .when = within(ms(50))));
	assert_int_equal(w->facts.kind, BREAK_LATE);
	assert_true(w->facts.off_by > ms(25) && w->facts.off_by < ms(35));
}

static void an_early_segment(void **state)
{
	struct world *w = *state;

	break_by(w, SEGMENT(SYN | ACK, .when = between(ms(50), ms(90))));
	assert_int_equal(w->facts.kind, BREAK_EARLY);
	assert_true(w->facts.off_by > ms(40) && w->facts.off_by <= ms(50));
}

/* The same segment once more, where another one was expected. */
static void a_copy(void **state)
{
	struct world *w = *state;

	if (!setjmp(w->end)) {
		peer_inject(w->p, SEGMENT(SYN));
		peer_expect(w->p, SEGMENT(SYN | ACK));
		peer_inject(w->p, SEGMENT(SYN, .seq = is(0)));
		(expect_silence)(w->p, ms(20));
		fail_msg("a copy was taken for silence");
	}
	assert_int_equal(w->facts.kind, BREAK_REPEATED);
}

static void an_unreadable_segment_of_the_duts(void **state)
{
	struct world *w = *state;

	w->garbage = true;
	break_by(w, SEGMENT(SYN | ACK));
	assert_int_equal(w->facts.kind, BREAK_FORM);
	assert_string_equal(w->facts.unreadable, "TCP data offset below 5");
}

/* From another hardware address it is nobody's: the claim is judged without it. */
static void an_unreadable_segment_of_a_neighbour(void **state)
{
	struct world *w = *state;

	w->garbage = w->stranger = true;
	break_by(w, SEGMENT(SYN | ACK, .when = within(ms(30))));
	assert_int_equal(w->facts.kind, BREAK_MISSING);
	assert_null(w->facts.unreadable);
}

/* What arrives when the case has ended breaks no claim, and is known. */
static void an_unreadable_segment_at_the_end(void **state)
{
	struct world *w = *state;

	if (setjmp(w->end))
		fail_msg("%s", w->message);
	w->garbage = true;
	peer_inject(w->p, SEGMENT(SYN));
	exchange_audit(w->x);
	assert_int_equal(exchange_facts(w->x).kind, BREAK_NONE);
	assert_non_null(exchange_facts(w->x).unreadable);
}

static int setup_small(void **state)
{
	return setup_as(state, false, (struct exchange_path){.mtu = 39});
}

static int setup_usual(void **state)
{
	return setup_as(state, false, (struct exchange_path){.mtu = 40});
}

static void a_frame_beyond_the_mtu(void **state)
{
	struct world *w = *state;

	break_by(w, SEGMENT(SYN | ACK, .ack = is(2)));
	assert_int_equal(w->facts.longest, 54);
	assert_int_equal(w->facts.mtu, 39);
}

static void a_frame_that_fits(void **state)
{
	struct world *w = *state;

	break_by(w, SEGMENT(SYN | ACK, .ack = is(2)));
	assert_int_equal(w->facts.longest, 0);
	assert_int_equal(w->facts.hops_least, 64);
	assert_int_equal(w->facts.hops_most, 64);
	assert_null(w->facts.foreign_error);
}

#define WITH(test, setup_) cmocka_unit_test_setup_teardown(test, setup_, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(a_missing_segment, setup),
		WITH(a_wrong_value, setup),
		WITH(a_wrong_length, setup),
		WITH(another_segment, setup),
		WITH(a_late_segment, setup),
		WITH(an_early_segment, setup),
		WITH(a_copy, setup),
		WITH(an_unreadable_segment_of_the_duts, setup),
		WITH(an_unreadable_segment_of_a_neighbour, setup),
		WITH(an_unreadable_segment_at_the_end, setup),
		WITH(a_frame_beyond_the_mtu, setup_small),
		WITH(a_frame_that_fits, setup_usual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
