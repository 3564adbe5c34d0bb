/*
 * Cases against a host: what each needs of it, and which may change what all go by.
 */
#include "fake_lab.h"
#include "run/job.h"
#include <stdatomic.h>
#include <sys/mman.h>

#define ROWS 6

/* What the processes of the cases tell the test. */
static struct shared {
	atomic_int going, most; /* bodies that go on now, and the most that did */
	atomic_int ordinary;    /* those of takes_a_moment that have ended */
	atomic_int reached;     /* agents that were asked for */
	atomic_int disturbed;   /* sysctls set while another went on, or was still to come */
} *shared;

struct row {
	const char *name;
};
static const struct row rows[ROWS] = {{"a"}, {"b"}, {"c"}, {"d"}, {"e"}, {"f"}};

static void go_on(void)
{
	int now = atomic_fetch_add(&shared->going, 1) + 1, before = atomic_load(&shared->most);

	while (now > before && !atomic_compare_exchange_weak(&shared->most, &before, now))
		continue;
	poll(NULL, 0, 60);
}

FAMILY(fake, "Cases without a DUT");
CASE_EACH(takes_a_moment, struct row, rows, MUST_OF, .claim = "takes a moment", .budget = sec(1))
{
	(void)lab;
	(void)row;
	go_on();
	atomic_fetch_add(&shared->ordinary, 1);
	atomic_fetch_sub(&shared->going, 1);
}

CASE_EACH(sets_a_sysctl, struct row, rows, MUST_OF, .claim = "has the longest budget, and is last",
	  .needs = DUT_AGENT | SYSCTLS, .budget = sec(9))
{
	(void)lab;
	(void)row;
	go_on();
	if (atomic_load(&shared->going) != 1 || atomic_load(&shared->ordinary) != ROWS)
		atomic_fetch_add(&shared->disturbed, 1);
	atomic_fetch_sub(&shared->going, 1);
}

CASE(floods, MUST_OF, .claim = "floods", .needs = DUT_AGENT | FLOOD)
{
	(void)lab;
}

CASE(wants_no_router, MUST_OF, .claim = "wants no router", .needs = BLACK_BOX | ON_LINK)
{
	(void)lab;
}

CASE(wants_a_lab, MUST_OF, .claim = "wants a lab", .needs = DUT_AGENT | OWN_DUT)
{
	(void)lab;
}

CASE(wants_an_echo, MUST_OF, .claim = "wants an echo", .needs = BLACK_BOX | SERVICE_ECHO)
{
	(void)lab;
}

CASE(waits_for_hours, MUST_OF, .claim = "waits", .budget = sec(100000),
     .needs = DUT_AGENT | VIRTUAL_TIME)
{
	(void)lab;
}

CASE(is_filtered, MUST_OF, .claim = "a filter drops it", .needs = BLACK_BOX, .filtered = "*")
{
	(void)lab;
}

CASE(is_filtered_strictly, MUST_OF, .claim = "a strict filter drops it", .needs = BLACK_BOX,
     .filtered_strictly = "*")
{
	(void)lab;
}

static int reach_agent(struct agent **out, void *arg, struct why *why)
{
	(void)out;
	atomic_fetch_add(&shared->reached, 1);
	return arg ? why_set(why, ECONNREFUSED, "nobody listens") : 0;
}

static int setup_shared(void **state)
{
	memset(shared, 0, sizeof(*shared));
	return setup(state);
}

static void run_at(struct ran *ran, struct run_target *target, const char *selector)
{
	char *all[] = {strdup(selector)};
	struct run_options options = {.seed = 1, .target = target};

	target->label = "a host";
	target->port_low = 1024;
	target->port_high = 65535;
	run(ran, &options, all, 1, "none");
	free(all[0]);
}

static void what_sets_sysctls_goes_on_alone_and_last(void **state)
{
	struct run_target target = {.reach = reach_agent, .sysctls = true};
	struct ran ran;

	(void)state;
	run_at(&ran, &target, "fake.*a_*");
	assert_int_equal(summary_of(&ran, "pass"), 2 * ROWS);
	assert_int_equal(summary_of(&ran, "skip"), 1);
	assert_int_equal(atomic_load(&shared->disturbed), 0);
	assert_true(atomic_load(&shared->most) > 1);
	/* A connection each, and none for what is skipped. */
	assert_int_equal(atomic_load(&shared->reached), 2 * ROWS);
	ran_free(&ran);
}

static void what_a_host_has_not_is_skipped(void **state)
{
	struct link routed = {.routed = true};
	struct run_target blind = {.lab.link = &routed, .lab.service = LAB_DISCARD};
	struct run_target agent = {.lab.link = &routed, .reach = reach_agent};
	struct ran ran;

	(void)state;
	run_at(&ran, &blind, "fake");
	assert_int_equal(summary_of(&ran, "skip"), 2 * ROWS + 4);
	is_verdict(&ran, "fake.floods", "skip", "no agent");
	is_verdict(&ran, "fake.wants_no_router", "skip", "no router");
	is_verdict(&ran, "fake.wants_an_echo", "skip", "--service echo");
	ran_free(&ran);
	run_at(&ran, &agent, "fake");
	assert_int_equal(summary_of(&ran, "pass"), ROWS + 3);
	is_verdict(&ran, "fake.sets_a_sysctl/a", "skip", "sysctls");
	is_verdict(&ran, "fake.floods", "skip", "--intrusive");
	is_verdict(&ran, "fake.wants_no_router", "skip", "no router");
	is_verdict(&ran, "fake.wants_a_lab", "skip", "a lab");
	is_verdict(&ran, "fake.wants_an_echo", "pass", "");
	ran_free(&ran);
	agent.intrusive = agent.sysctls = true;
	routed.routed = false;
	run_at(&ran, &agent, "fake");
	assert_int_equal(summary_of(&ran, "pass"), 2 * ROWS + 5);
	ran_free(&ran);
}

static void what_a_filter_drops_is_skipped(void **state)
{
	struct link link = {.routed = false};
	struct run_target target = {.lab.link = &link};
	struct ran ran;

	(void)state;
	run_at(&ran, &target, "fake.is_filtered*");
	assert_int_equal(summary_of(&ran, "pass"), 2);
	ran_free(&ran);
	target.filter = true;
	run_at(&ran, &target, "fake.is_filtered*");
	is_verdict(&ran, "fake.is_filtered", "skip", "stateful filter");
	is_verdict(&ran, "fake.is_filtered_strictly", "pass", "");
	ran_free(&ran);
	target.filter_acks = true;
	run_at(&ran, &target, "fake.is_filtered*");
	is_verdict(&ran, "fake.is_filtered_strictly", "skip", "--no-filter");
	ran_free(&ran);
}

static void an_agent_that_is_gone_is_an_error(void **state)
{
	struct run_target target = {.reach = reach_agent, .reach_arg = &target};
	struct ran ran;

	(void)state;
	run_at(&ran, &target, "fake.takes_a_moment");
	assert_int_equal(ran.status, EXIT_HARNESS);
	assert_int_equal(summary_of(&ran, "error"), ROWS);
	is_verdict(&ran, "fake.takes_a_moment/a", "error", "nobody listens");
	ran_free(&ran);
}

/* Each way of running has its own way to run what takes hours, or none. */
static void hours_name_the_way_of_this_run(void **state)
{
	struct run_target host = {.slow_way = "a host's time cannot be skipped"};
	struct run_target stack = {.rate = 1};
	const struct {
		struct run_options options;
		const char *says, *says_not;
	} ways[] = {
		{{.target = NULL}, "takes hours: --kernel uml runs them", "time travel"},
		{{.target = &host}, "takes hours: a host's time cannot be skipped", "--kernel"},
		{{.target = &stack}, "takes hours", ":"},
		{{.machine = "uml"}, "takes days: a kernel with time travel runs them", "--kernel"},
	};
	char selector[] = "fake.waits_for_hours", *selectors[] = {selector};
	struct catalogue catalogue;
	struct why why;

	(void)state;
	assert_int_equal(catalogue_new(&catalogue, &why), 0);
	assert_int_equal(catalogue_select(&catalogue, selectors, 1, &why), 0);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct run_options options = ways[i].options;
		struct plan plan;

		options.catalogue = &catalogue;
		assert_int_equal(plan_new(&plan, &options, &why), -ENOENT);
		assert_non_null(strstr(why.text, ways[i].says));
		assert_null(strstr(why.text, ways[i].says_not));
	}
	catalogue_free(&catalogue);
}

#define WITH_SHARED(test) cmocka_unit_test_setup_teardown(test, setup_shared, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SHARED(what_sets_sysctls_goes_on_alone_and_last),
		WITH_SHARED(what_a_host_has_not_is_skipped),
		WITH_SHARED(what_a_filter_drops_is_skipped),
		WITH_SHARED(an_agent_that_is_gone_is_an_error),
		cmocka_unit_test(hours_name_the_way_of_this_run),
	};

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
