/*
 * Where only some cases may go on at a time, the labs of the next ones are built meanwhile, and
 * their bodies wait for their turn.
 */
#include "fake_lab.h"
#include <stdatomic.h>
#include <sys/mman.h>

#define ROWS 12

/* What the processes of the cases tell the test. */
static struct shared {
	atomic_int opened;  /* labs built so far */
	atomic_int going;   /* bodies that go on now */
	atomic_int most;    /* the most that ever did */
	atomic_int waiting; /* the most labs that were built for bodies yet to begin */
	atomic_int begun;
} *shared;

struct row {
	const char *name;
};
static const struct row rows[ROWS] = {{"a"}, {"b"}, {"c"}, {"d"}, {"e"}, {"f"},
				      {"g"}, {"h"}, {"i"}, {"j"}, {"k"}, {"l"}};

static void most_of(atomic_int *most, int now)
{
	int before = atomic_load(most);

	while (now > before && !atomic_compare_exchange_weak(most, &before, now))
		continue;
}

static void lab_built(void)
{
	int opened = atomic_fetch_add(&shared->opened, 1) + 1;

	most_of(&shared->waiting, opened - atomic_load(&shared->begun));
}

FAMILY(fake, "Cases without a DUT");
CASE_EACH(takes_a_moment, struct row, rows, MUST_OF, .claim = "takes a moment")
{
	(void)lab;
	(void)row;
	atomic_fetch_add(&shared->begun, 1);
	most_of(&shared->most, atomic_fetch_add(&shared->going, 1) + 1);
	poll(NULL, 0, 30);
	atomic_fetch_sub(&shared->going, 1);
}

CASE(dies, MUST_OF, .claim = "dies")
{
	(void)lab;
	raise(SIGKILL);
}

CASE(goes_first, MUST_OF, .claim = "takes longer than those behind it have", .budget = sec(20))
{
	(void)lab;
	poll(NULL, 0, 12000);
}

CASE(has_little_time, MUST_OF, .claim = "has little time, from its turn on", .budget = ms(1))
{
	(void)lab;
}

static void run_jobs(struct ran *ran, unsigned jobs, const char *selector)
{
	char *all[] = {strdup(selector)};
	struct run_options options = {.seed = 1, .jobs = jobs};

	memset(shared, 0, sizeof(*shared));
	on_lab_open = lab_built;
	run(ran, &options, all, 1, "none");
	free(all[0]);
}

static void no_more_bodies_than_jobs(void **state)
{
	struct ran ran;

	(void)state;
	for (unsigned jobs = 1; jobs <= 3; jobs++) {
		run_jobs(&ran, jobs, "fake.takes_a_moment");
		assert_int_equal(ran.status, EXIT_EXPECTED);
		assert_int_equal(summary_of(&ran, "pass"), ROWS);
		assert_int_equal(atomic_load(&shared->most), (int)jobs);
		assert_true(atomic_load(&shared->waiting) > 1);
		ran_free(&ran);
	}
}

/* Its time counts from its turn, and not from when its lab was built. */
static void waiting_for_a_turn_is_not_the_cases_time(void **state)
{
	struct ran ran;

	(void)state;
	run_jobs(&ran, 1, "fake.takes_a_moment");
	for (size_t i = 0; i < ROWS; i++) {
		json_t *line = json_array_get(ran.lines, i);

		assert_true(json_number_value(json_object_get(line, "seconds")) < 0.3);
	}
	ran_free(&ran);
}

/* Nor is it counted as time past its budget, however long it takes. */
static void waiting_for_a_turn_ends_no_case(void **state)
{
	struct ran ran;

	(void)state;
	run_jobs(&ran, 1, "fake.[gh]*");
	is_verdict(&ran, "fake.goes_first", "pass", "");
	is_verdict(&ran, "fake.has_little_time", "pass", "");
	ran_free(&ran);
}

/* A lab that is not ready in time is this machine's lateness; any other failure is an error. */
static void a_lab_that_is_late_is_inconclusive(void **state)
{
	struct ran ran;

	(void)state;
	lab_fails = ETIMEDOUT;
	run_jobs(&ran, 1, "fake.has_little_time");
	is_verdict(&ran, "fake.has_little_time", "inconclusive", "this test has no lab");
	ran_free(&ran);
	lab_fails = EPERM;
	run_jobs(&ran, 1, "fake.has_little_time");
	is_verdict(&ran, "fake.has_little_time", "error", "this test has no lab");
	ran_free(&ran);
	lab_fails = 0;
}

static void all_at_once_wait_for_no_turn(void **state)
{
	struct ran ran;

	(void)state;
	run_jobs(&ran, 0, "fake.takes_a_moment");
	assert_int_equal(summary_of(&ran, "pass"), ROWS);
	ran_free(&ran);
}

static void a_case_that_dies_leaves_its_turn_to_the_next(void **state)
{
	struct ran ran;

	(void)state;
	run_jobs(&ran, 1, "fake.[td]*");
	assert_int_equal(summary_of(&ran, "pass"), ROWS);
	assert_int_equal(summary_of(&ran, "error"), 1);
	is_verdict(&ran, "fake.dies", "error", "signal 9");
	ran_free(&ran);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_more_bodies_than_jobs, setup, teardown),
		cmocka_unit_test_setup_teardown(waiting_for_a_turn_is_not_the_cases_time, setup,
						teardown),
		cmocka_unit_test_setup_teardown(waiting_for_a_turn_ends_no_case, setup, teardown),
		cmocka_unit_test_setup_teardown(a_lab_that_is_late_is_inconclusive, setup,
						teardown),
		cmocka_unit_test_setup_teardown(all_at_once_wait_for_no_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(a_case_that_dies_leaves_its_turn_to_the_next, setup,
						teardown),
	};

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
