/*
 * A case that is past its budget because other programs had the processor is inconclusive; one that
 * blocks or loops is an error, however busy the machine is.
 */
#include "fake_lab.h"
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

/* From now on this process runs on one processor alone. */
static void stay_on_one_processor(void)
{
	cpu_set_t set;
	int cpu = sched_getcpu();

	CPU_ZERO(&set);
	CPU_SET(cpu < 0 ? 0 : (size_t)cpu, &set);
	assert_int_equal(sched_setaffinity(0, sizeof(set), &set), 0);
}

static nanos cpu_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return sec(now.tv_sec) + now.tv_nsec;
}

/*
 * A program beside the case that never lets go of the processor. It is no descendant of the case,
 * and is killed with its process group.
 */
static void busy_beside(void)
{
	pid_t child = fork();

	if (!child) {
		if (!fork())
			for (;;)
				continue;
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

/* Next to nothing of the processor is left for this process. */
static void be_patient(void)
{
	assert_int_equal(setpriority(PRIO_PROCESS, 0, 19), 0);
}

FAMILY(fake, "Cases without a DUT");
CASE(starves, MUST_OF, .claim = "needs a second of a processor and gets little", .budget = sec(3))
{
	(void)lab;
	stay_on_one_processor();
	busy_beside();
	be_patient();
	while (cpu_time() < sec(1))
		continue;
}

CASE(blocks, MUST_OF, .claim = "waits for ever", .budget = ms(1))
{
	(void)lab;
	stay_on_one_processor();
	be_patient();
	for (;;)
		pause();
}

CASE(loops, MUST_OF, .claim = "loops for ever", .budget = ms(1))
{
	(void)lab;
	/* Best effort: where it is not allowed, its share is large enough anyway. */
	if (nice(-15) == -1)
		errno = 0;
	for (;;)
		continue;
}

static void only_a_starved_case_is_inconclusive(void **state)
{
	char *all[] = {(char[]){"fake.*"}};
	struct run_options options = {.seed = 1, .retries = {.set = true}};
	struct ran ran;

	(void)state;
	run(&ran, &options, all, 1, "none");
	is_verdict(&ran, "fake.starves", "inconclusive", "for a processor");
	is_verdict(&ran, "fake.blocks", "error", "ran past its budget of 0.001 s");
	is_verdict(&ran, "fake.loops", "error", "ran past its budget of 0.001 s");
	ran_free(&ran);
}

static void the_rest_of_the_time_decides(void **state)
{
	static const struct {
		nanos ran, waited, took, budget;
		bool starved;
	} rows[] = {
		{ms(10), 0, sec(20), sec(10), false},
		{ms(10), ms(9999), sec(20), sec(10), false},
		{ms(10), ms(10001), sec(20), sec(10), true},
		/* A case, its agent: both may have waited at the same time. */
		{ms(10), sec(30), sec(20), sec(10), true},
		{sec(3), sec(15), sec(20), sec(10), false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct verdict_input late = {
			.end = END_OVERRUN,
			.took = rows[i].took,
			.budget = rows[i].budget,
			.use = {.ran = rows[i].ran, .waited = rows[i].waited}};

		assert_int_equal(verdict_decide(&late).verdict,
				 rows[i].starved ? VERDICT_INCONCLUSIVE : VERDICT_ERROR);
	}
}

static void children_count_too(void **state)
{
	int go[2];
	pid_t child;
	struct cpu_use before, after;
	char word;

	(void)state;
	assert_int_equal(pipe(go), 0);
	before = cpu_use_of(getpid());
	child = fork();
	if (!child) {
		while (cpu_time() < ms(50))
			continue;
		if (write(go[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(go[0], &word, 1), 1);
	after = cpu_use_of(getpid());
	assert_true(after.ran - before.ran >= ms(49));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(go[0]);
	close(go[1]);
	/* A process that is gone has used nothing. */
	assert_int_equal(cpu_use_of(child).ran, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OWN_FOLDER(only_a_starved_case_is_inconclusive),
		cmocka_unit_test(the_rest_of_the_time_decides),
		cmocka_unit_test(children_count_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
