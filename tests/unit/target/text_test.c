/*
 * The facts of a path in words.
 */
#include "target/target.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#undef expect
#undef expect_any
#undef check
#include <cmocka.h>

static void says(const struct path_facts *facts, const char *want)
{
	struct buffer words = {.at = NULL};

	path_text(&words, facts);
	assert_string_equal(words.at, want);
	buffer_free(&words);
}

static void a_clean_path(void **state)
{
	struct path_facts facts = {.kind = PATH_DIRECT, .by = PATH_ECHO, .sent = 100,
				   .rtt_least = 51000, .rtt_worst = ms(2)};

	(void)state;
	says(&facts, "directly connected; 100 echo requests, none lost, duplicated or reordered; "
		     "round trip 0.051 to 2.000 ms");
	facts.kind = PATH_ROUTED;
	says(&facts, "100 echo requests and SYNs, none lost, duplicated or reordered; round trip "
		     "0.051 to 2.000 ms");
	facts.by = PATH_SYN;
	says(&facts, "100 SYNs, none lost, duplicated or reordered; round trip 0.051 to 2.000 ms");
}

static void each_fault_is_named(void **state)
{
	const struct path_facts facts = {.kind = PATH_ROUTED, .by = PATH_ECHO, .sent = 9,
					 .lost = 1, .duplicated = 2, .reordered = 3,
					 .rtt_least = ms(1), .rtt_worst = ms(1)};

	(void)state;
	says(&facts, "the path lost 1 of 9 segments; the path duplicated 2 of 9 segments; the path "
		     "delivered 3 of 9 segments out of order; round trip 1.000 to 1.000 ms");
}

static void a_filter_is_described(void **state)
{
	struct path_facts facts = {.kind = PATH_ROUTED, .by = PATH_ECHO, .sent = 9, .lost = 1,
				   .filter = true};

	(void)state;
	says(&facts, "the path lost 1 of 9 segments; a stateful filter drops segments of no "
		     "connection, but for ACKs; round trip 0.000 to 0.000 ms");
	facts.lost = 0;
	facts.sent = 0;
	facts.filter_acks = facts.rejects = true;
	says(&facts, "a stateful filter rejects segments of no connection, ACKs too; round trip "
		     "0.000 to 0.000 ms");
	facts.filter = false;
	says(&facts, "a stateful filter rejects ACKs of no connection; round trip 0.000 to 0.000 "
		     "ms");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clean_path),
		cmocka_unit_test(each_fault_is_named),
		cmocka_unit_test(a_filter_is_described),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
