/* What verdicts say of requirements: each counts once, the worst verdict for it. */
#include "sample.h"
#include "report/requirements.h"
#include <lastack/requirement.h>

static struct books books;
static struct requirement_count count[GROUPS];

static int tear_down(void **state)
{
	(void)state;
	books_free(&books);
	return 0;
}

/* A case that is judged by one requirement and shows another has started. */
static void started(const char *name, const char *over, enum requirement_id id,
		    enum requirement_id also)
{
	struct event event = {.kind = EVENT_CASE, .name = name, .over = over,
		.start = {.claim = "claim", .level = "MUST"}};
	struct record *touched;

	if (id)
		event.start.requirements[0] = requirement_get(id)->name;
	if (also)
		event.start.requirements[1] = requirement_get(also)->name;
	books_take(&books, &event, &touched);
}

static void ended(const char *name, const char *over, enum verdict verdict, bool retry)
{
	struct record *touched;

	books_take(&books, &(struct event){.kind = EVENT_VERDICT, .name = name, .over = over,
		.verdict = {.verdict = verdict, .retry = retry}}, &touched);
}

static void judged(const char *name, const char *over, enum requirement_id id,
		   enum verdict verdict)
{
	started(name, over, id, REQUIREMENT_NONE);
	ended(name, over, verdict, false);
}

static void assert_count(enum requirement_group group, unsigned kept, unsigned broken)
{
	requirements_count(&books, count);
	assert_int_equal(count[group].kept, kept);
	assert_int_equal(count[group].broken, broken);
}

static void every_level_is_counted_apart(void **state)
{
	unsigned all = 0;

	(void)state;
	judged("a.a", "ipv4", RFC9293(MUST, 1), VERDICT_PASS);
	judged("a.b", "ipv4", RFC9293(MUST, 9), VERDICT_FAIL); /* a MUST NOT */
	judged("a.c", "ipv4", RFC9293(SHLD, 1), VERDICT_DEVIATION);
	judged("a.d", "ipv4", RFC9293(SHLD, 14), VERDICT_PASS); /* a SHOULD NOT */
	judged("a.e", "ipv4", RFC9293(MAY, 1), VERDICT_PASS);
	judged("a.f", "ipv4", DOC(SO_LINGER), VERDICT_FAIL);
	assert_count(GROUP_MUST, 1, 1);
	assert_count(GROUP_SHOULD, 1, 1);
	assert_count(GROUP_MAY, 1, 0);
	assert_count(GROUP_DOCUMENTED, 0, 1);
	for (size_t i = 0; i < GROUPS; i++) {
		assert_true(count[i].all > 5);
		all += count[i].all;
	}
	assert_int_equal(all, REQUIREMENT_END - 1);
}

/* Two families of addresses and several cases are one requirement; one failure breaks it. */
static void a_requirement_counts_once(void **state)
{
	(void)state;
	judged("a.a", "ipv4", RFC9293(MUST, 1), VERDICT_PASS);
	judged("a.a", "ipv6", RFC9293(MUST, 1), VERDICT_PASS);
	judged("a.b", "ipv4", RFC9293(MUST, 1), VERDICT_PASS);
	assert_count(GROUP_MUST, 1, 0);
	judged("a.b", "ipv6", RFC9293(MUST, 1), VERDICT_FAIL);
	assert_count(GROUP_MUST, 0, 1);
	judged("a.c", "ipv6", RFC9293(MUST, 1), VERDICT_ERROR);
	assert_count(GROUP_MUST, 0, 1);
}

static void what_was_not_judged_is_not_kept(void **state)
{
	(void)state;
	judged("a.a", "ipv4", RFC9293(MUST, 1), VERDICT_SKIP);
	judged("a.b", "ipv4", RFC9293(MUST, 2), VERDICT_ERROR);
	judged("a.c", "ipv4", RFC9293(MUST, 3), VERDICT_INCONCLUSIVE);
	started("a.d", "ipv4", RFC9293(MUST, 4), REQUIREMENT_NONE);
	assert_count(GROUP_MUST, 0, 0);
	/* Where one passed: a skip takes nothing away, the others leave it open. */
	judged("b.a", "ipv4", RFC9293(MUST, 1), VERDICT_PASS);
	assert_count(GROUP_MUST, 1, 0);
	judged("b.b", "ipv4", RFC9293(MUST, 2), VERDICT_PASS);
	judged("b.c", "ipv4", RFC9293(MUST, 3), VERDICT_PASS);
	judged("b.d", "ipv4", RFC9293(MUST, 4), VERDICT_PASS);
	assert_count(GROUP_MUST, 1, 0);
}

/* Of an inconclusive case that is tried again, the second verdict counts. */
static void the_second_try_counts(void **state)
{
	(void)state;
	started("a.a", "ipv4", RFC9293(MUST, 1), REQUIREMENT_NONE);
	ended("a.a", "ipv4", VERDICT_INCONCLUSIVE, true);
	assert_count(GROUP_MUST, 0, 0);
	started("a.a", "ipv4", RFC9293(MUST, 1), REQUIREMENT_NONE);
	ended("a.a", "ipv4", VERDICT_PASS, false);
	assert_count(GROUP_MUST, 1, 0);
}

static void only_what_judges_counts(void **state)
{
	struct record *touched;

	(void)state;
	started("a.a", "ipv4", RFC9293(MUST, 1), RFC9293(MUST, 2));
	ended("a.a", "ipv4", VERDICT_PASS, false);
	judged("a.b", "ipv4", REQUIREMENT_NONE, VERDICT_PASS);
	books_take(&books, &(struct event){.kind = EVENT_CASE, .name = "a.c", .over = "ipv4",
		.start = {.requirements = {"RFC0 MUST-1"}}}, &touched);
	ended("a.c", "ipv4", VERDICT_PASS, false);
	assert_count(GROUP_MUST, 1, 0);
}

static void the_text_names_what_was_judged(void **state)
{
	struct buffer text_ = {.at = NULL};

	(void)state;
	requirements_text((const struct requirement_count[GROUPS]){{.all = 9}}, &text_);
	assert_int_equal(text_.len, 0);
	requirements_text((const struct requirement_count[GROUPS]){
		[GROUP_MUST] = {.all = 119, .kept = 94, .broken = 2},
		[GROUP_SHOULD] = {.all = 40, .broken = 3},
		[GROUP_MAY] = {.all = 10},
		[GROUP_DOCUMENTED] = {.all = 16, .kept = 16}}, &text_);
	assert_string_equal(text_.at, "requirements: 96 of 119 MUSTs judged: 94 kept, 2 broken; "
		"3 of 40 SHOULDs judged: 3 broken; 16 of 16 documented promises judged: 16 kept");
	buffer_free(&text_);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(every_level_is_counted_apart, tear_down),
		cmocka_unit_test_teardown(a_requirement_counts_once, tear_down),
		cmocka_unit_test_teardown(what_was_not_judged_is_not_kept, tear_down),
		cmocka_unit_test_teardown(the_second_try_counts, tear_down),
		cmocka_unit_test_teardown(only_what_judges_counts, tear_down),
		cmocka_unit_test(the_text_names_what_was_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
