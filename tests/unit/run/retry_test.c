/*
 * Inconclusive cases are run again: soon, several times, within limits, and beside cases that only
 * wait.
 */
#include "fake_lab.h"
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>

/* What the processes of the cases tell the test. */
static struct shared {
	atomic_int attempts;	/* of the case that is late */
	atomic_int late_for;	/* so many of them are inconclusive */
	atomic_int going, most; /* further attempts that go on now, and the most that ever did */
	atomic_bool busy;	/* a case that needs a processor goes on */
	_Atomic nanos first;	/* monotonic: the first attempt ended */
	atomic_bool too_early;	/* a further one began beside a busy case, within ten seconds */
} *shared;

/* Inconclusive until the attempts are used up that the test asks for. */
static void be_late(struct lab *lab)
{
	int before = atomic_fetch_add(&shared->attempts, 1);

	if (!before)
		atomic_store(&shared->first, clock_monotonic());
	else if (atomic_load(&shared->busy) &&
		 clock_monotonic() < atomic_load(&shared->first) + sec(10))
		atomic_store(&shared->too_early, true);
	if (before < atomic_load(&shared->late_for))
		verdict(lab, false, VERDICT_INCONCLUSIVE, "our own side was late");
}

static nanos cpu_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return sec(now.tv_sec) + now.tv_nsec;
}

/* Uses a third of a processor for so long. */
static void be_busy(nanos time)
{
	nanos end = clock_monotonic() + time, stop;

	while (clock_monotonic() < end) {
		stop = clock_monotonic() + ms(10);
		while (clock_monotonic() < stop)
			continue;
		poll(NULL, 0, 20);
	}
}

FAMILY(fake, "Cases without a DUT");
CASE(late, MUST_OF, .claim = "is inconclusive at first")
{
	be_late(lab);
}

CASE(waits, MUST_OF, .claim = "waits for three seconds")
{
	(void)lab;
	poll(NULL, 0, 3000);
}

CASE(busy, MUST_OF, .claim = "needs a processor for more than half a second")
{
	(void)lab;
	atomic_store(&shared->busy, true);
	while (cpu_time() < ms(700))
		continue;
	atomic_store(&shared->busy, false);
}

CASE(long_busy, MUST_OF, .claim = "needs a processor for longer than anyone waits for it",
     .budget = sec(20))
{
	(void)lab;
	be_busy(sec(14));
}

struct row {
	const char *name;
};
static const struct row rows[] = {{"a"}, {"b"}, {"c"}};

/* The first attempts are inconclusive, the further ones take a moment. */
CASE_EACH(host, struct row, rows, MUST_OF, .claim = "is judged by a second attempt")
{
	int now, most;

	(void)row;
	if (atomic_fetch_add(&shared->attempts, 1) < 3)
		verdict(lab, false, VERDICT_INCONCLUSIVE, "lost, perhaps");
	now = atomic_fetch_add(&shared->going, 1) + 1;
	most = atomic_load(&shared->most);
	while (now > most && !atomic_compare_exchange_weak(&shared->most, &most, now))
		continue;
	poll(NULL, 0, 300);
	atomic_fetch_sub(&shared->going, 1);
}

static int reached(struct agent **out, void *arg, struct why *why)
{
	(void)arg;
	(void)why;
	*out = NULL;
	return 0;
}

static int made(struct lab_target *target, uint8_t family, void *arg, struct why *why)
{
	(void)target;
	(void)family;
	(void)arg;
	(void)why;
	return 0;
}

static void run_late(struct ran *ran, int late_for, struct run_options options,
		     const char *selector)
{
	char *all[] = {strdup("fake.late"), strdup(selector)};

	memset(shared, 0, sizeof(*shared));
	atomic_store(&shared->late_for, late_for);
	run(ran, &options, all, 2, "none");
	free(all[0]);
	free(all[1]);
}

static json_int_t attempts_of(const struct ran *ran, const char *name)
{
	return json_integer_value(json_object_get(line_of(ran, name), "attempts"));
}

/* Did one case's final verdict come before another's? */
static bool is_before(const struct ran *ran, const char *first, const char *second)
{
	for (size_t i = 0; i < json_array_size(ran->lines); i++) {
		json_t *name = json_object_get(json_array_get(ran->lines, i), "case");

		if (name && !strcmp(json_string_value(name), first))
			return true;
		if (name && !strcmp(json_string_value(name), second))
			return false;
	}
	return false;
}

static void a_case_is_run_again_until_it_is_conclusive(void **state)
{
	struct ran ran;

	(void)state;
	run_late(&ran, 3, (struct run_options){.seed = 1}, "fake.late");
	assert_int_equal(ran.status, EXIT_EXPECTED);
	is_verdict(&ran, "fake.late", "pass", "");
	assert_int_equal(attempts_of(&ran, "fake.late"), 4);
	assert_int_equal(summary_of(&ran, "retries"), 3);
	assert_int_equal(summary_of(&ran, "inconclusive"), 0);
	assert_int_equal(summary_of(&ran, "pass"), 1);
	ran_free(&ran);
}

static void the_limits_hold(void **state)
{
	static const struct {
		struct run_retries retries;
		int attempts_min, attempts_max;
	} limits[] = {
		{{.set = true, .per_case = 0, .time = sec(30)}, 1, 1},
		{{.set = true, .per_case = 9, .time = 0}, 1, 1},
		{{.set = true, .per_case = 2, .time = sec(30)}, 3, 3},
		/* The pause grows by a second each time. */
		{{.set = true, .per_case = 1000, .time = ms(1500)}, 2, 3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct run_options options = {.seed = 1, .retries = limits[i].retries};
		struct ran ran;

		run_late(&ran, 1000, options, "fake.late");
		assert_int_equal(ran.status, EXIT_HARNESS);
		is_verdict(&ran, "fake.late", "inconclusive", "late");
		assert_in_range(attempts_of(&ran, "fake.late"), limits[i].attempts_min,
				limits[i].attempts_max);
		assert_int_equal(summary_of(&ran, "retries") + 1,
				 atomic_load(&shared->attempts));
		assert_int_equal(summary_of(&ran, "inconclusive"), 1);
		ran_free(&ran);
	}
}

static void cases_that_only_wait_are_not_waited_for(void **state)
{
	struct ran ran;

	(void)state;
	run_late(&ran, 1, (struct run_options){.seed = 1}, "fake.waits");
	assert_true(is_before(&ran, "fake.late", "fake.waits"));
	assert_int_equal(summary_of(&ran, "pass"), 2);
	ran_free(&ran);
}

/* Also where only one case goes on at a time: what is run again has its turn as others have. */
static void jobs_hold_for_further_attempts(void **state)
{
	struct ran ran;

	(void)state;
	run_late(&ran, 2, (struct run_options){.seed = 1, .jobs = 1}, "fake.waits");
	assert_int_equal(summary_of(&ran, "pass"), 2);
	assert_int_equal(summary_of(&ran, "retries"), 2);
	ran_free(&ran);
}

static void busy_cases_are_waited_for(void **state)
{
	struct ran ran;

	(void)state;
	run_late(&ran, 1, (struct run_options){.seed = 1}, "fake.busy");
	assert_false(atomic_load(&shared->too_early));
	assert_int_equal(summary_of(&ran, "pass"), 2);
	ran_free(&ran);
}

static void but_not_for_longer_than_ten_seconds(void **state)
{
	struct ran ran;

	(void)state;
	run_late(&ran, 1, (struct run_options){.seed = 1}, "fake.long_busy");
	assert_true(is_before(&ran, "fake.late", "fake.long_busy"));
	assert_int_equal(summary_of(&ran, "pass"), 2);
	ran_free(&ran);
}

static void run_at_host(struct ran *ran, bool own)
{
	struct run_target host = {.port_low = 1024,
				  .port_high = 65535,
				  .label = "a host",
				  .timestamps = true,
				  .scale = true,
				  .make = own ? made : NULL,
				  .reach = reached};
	struct run_options options = {.seed = 1, .target = &host};
	char *all[] = {strdup("fake.host*")};

	memset(shared, 0, sizeof(*shared));
	run(ran, &options, all, 1, "none");
	free(all[0]);
}

/* A host is shared: nothing disturbs the attempt that judges it. */
static void at_a_host_one_goes_on_at_a_time(void **state)
{
	struct ran ran;

	(void)state;
	run_at_host(&ran, false);
	assert_int_equal(summary_of(&ran, "pass"), 3);
	assert_int_equal(summary_of(&ran, "retries"), 3);
	assert_int_equal(atomic_load(&shared->most), 1);
	ran_free(&ran);
}

static void what_is_started_for_each_case_is_its_own(void **state)
{
	struct ran ran;

	(void)state;
	run_at_host(&ran, true);
	assert_int_equal(summary_of(&ran, "pass"), 3);
	assert_true(atomic_load(&shared->most) > 1);
	ran_free(&ran);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OWN_FOLDER(a_case_is_run_again_until_it_is_conclusive),
		OWN_FOLDER(the_limits_hold),
		OWN_FOLDER(cases_that_only_wait_are_not_waited_for),
		OWN_FOLDER(jobs_hold_for_further_attempts),
		OWN_FOLDER(busy_cases_are_waited_for),
		OWN_FOLDER(but_not_for_longer_than_ten_seconds),
		OWN_FOLDER(at_a_host_one_goes_on_at_a_time),
		OWN_FOLDER(what_is_started_for_each_case_is_its_own),
	};

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
