/*
 * Loss, duplication, reordering and round trips, out of requests and replies.
 */
#include "target/samples.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#undef expect
#undef expect_any
#undef check
#include <cmocka.h>

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct samples));
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static struct path_facts facts_of(const struct samples *samples, nanos since, nanos until,
				  nanos now)
{
	struct path_facts facts = {.sent = 0};

	samples_add(samples, since, until, now, &facts);
	return facts;
}

static void each_is_answered(void **state)
{
	struct samples *samples = *state;
	struct path_facts facts;

	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(samples_sent(samples, ms(100) * (i + 1)), i);
	assert_int_equal(samples_unanswered(samples), 4);
	for (unsigned i = 0; i < 4; i++)
		samples_replied(samples, i, ms(1) + i);
	assert_int_equal(samples_unanswered(samples), 0);
	facts = facts_of(samples, 0, INT64_MAX, sec(9));
	assert_int_equal(facts.sent, 4);
	assert_int_equal(facts.lost, 0);
	assert_int_equal(facts.duplicated, 0);
	assert_int_equal(facts.reordered, 0);
	assert_true(facts.rtt_least == ms(1) && facts.rtt_worst == ms(1) + 3);
}

static void one_is_lost_after_a_second(void **state)
{
	struct samples *samples = *state;

	samples_sent(samples, sec(5));
	assert_int_equal(facts_of(samples, 0, INT64_MAX, sec(6) - 1).sent, 0);
	assert_int_equal(facts_of(samples, 0, INT64_MAX, sec(6)).sent, 1);
	assert_int_equal(facts_of(samples, 0, INT64_MAX, sec(6)).lost, 1);
	/* A reply that comes later shows that it was not. */
	samples_replied(samples, 0, sec(2));
	assert_int_equal(facts_of(samples, 0, INT64_MAX, sec(7)).lost, 0);
	assert_true(facts_of(samples, 0, INT64_MAX, sec(7)).rtt_worst == sec(2));
}

static void copies_are_counted_but_the_first(void **state)
{
	struct samples *samples = *state;
	struct path_facts facts;

	samples_sent(samples, 1);
	samples_replied(samples, 0, ms(1));
	samples_replied(samples, 0, ms(7));
	samples_replied(samples, 0, ms(8));
	facts = facts_of(samples, 0, INT64_MAX, sec(9));
	assert_int_equal(facts.duplicated, 2);
	assert_true(facts.rtt_worst == ms(1));
}

static void a_reply_after_a_later_one_is_out_of_order(void **state)
{
	struct samples *samples = *state;

	for (int i = 0; i < 3; i++)
		samples_sent(samples, 1 + i);
	samples_replied(samples, 1, ms(1));
	samples_replied(samples, 0, ms(1));
	samples_replied(samples, 2, ms(1));
	/* A copy of an old one is no reordering. */
	samples_replied(samples, 1, ms(2));
	assert_int_equal(facts_of(samples, 0, INT64_MAX, sec(9)).reordered, 1);
}

static void only_those_of_the_time(void **state)
{
	struct samples *samples = *state;

	for (int i = 1; i <= 5; i++)
		samples_sent(samples, sec(i));
	samples_replied(samples, 2, ms(1));
	assert_int_equal(facts_of(samples, sec(2), sec(4), sec(99)).sent, 3);
	assert_int_equal(facts_of(samples, sec(2), sec(4), sec(99)).lost, 2);
	assert_int_equal(facts_of(samples, sec(6), sec(9), sec(99)).sent, 0);
}

static void what_was_never_sent_is_ignored(void **state)
{
	struct samples *samples = *state;

	samples_replied(samples, 0, 1);
	samples_replied(samples, 77777777, 1);
	samples_sent(samples, 1);
	samples_replied(samples, 1, 1);
	samples_replied(samples, UINT32_MAX, 1);
	assert_int_equal(facts_of(samples, 0, INT64_MAX, sec(9)).lost, 1);
}

static void old_ones_are_overwritten(void **state)
{
	struct samples *samples = *state;

	for (unsigned i = 0; i < SAMPLES_MAX + 10; i++)
		samples_sent(samples, 1);
	/* It stands where number SAMPLES_MAX is now. */
	samples_replied(samples, 0, 1);
	assert_int_equal(facts_of(samples, 0, INT64_MAX, sec(9)).lost, SAMPLES_MAX);
	samples_replied(samples, SAMPLES_MAX + 9, 1);
	assert_int_equal(facts_of(samples, 0, INT64_MAX, sec(9)).lost, SAMPLES_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_is_answered, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_is_lost_after_a_second, set_up, tear_down),
		cmocka_unit_test_setup_teardown(copies_are_counted_but_the_first, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_reply_after_a_later_one_is_out_of_order, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(only_those_of_the_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_never_sent_is_ignored, set_up, tear_down),
		cmocka_unit_test_setup_teardown(old_ones_are_overwritten, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
