/*
 * What each fault does to numbered frames: rates and lengths over many frames, order and times, and
 * that a seed gives the same result whenever the caller asks.
 */
#include "fault/fault.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { FRAMES = 100000 };

struct left {
	size_t n;
	struct {
		unsigned number;
		nanos at;
	} frames[2 * FRAMES];
};

static struct fault fault(const char *text)
{
	struct why why = {""};
	struct fault out;

	if (fault_parse(text, &out, &why))
		fail_msg("%s", why.text);
	return out;
}

static void take_all(struct fault_channel *channel, nanos now, struct left *out)
{
	struct fault_frame *frame;

	while ((frame = fault_channel_take(channel, now))) {
		assert_true(frame->at <= now);
		assert_int_equal(frame->len, sizeof(unsigned));
		memcpy(&out->frames[out->n].number, frame->bytes, sizeof(unsigned));
		out->frames[out->n++].at = frame->at;
		free(frame);
	}
}

/* A frame each ms. The caller asks only after every so many frames. */
static struct left *run(const struct fault *faults, size_t n, uint64_t seed, unsigned every,
			struct fault_counts *counts)
{
	struct fault_channel *channel = fault_channel_new(faults, n, seed);
	struct left *out = calloc(1, sizeof(*out));

	assert_non_null(channel);
	assert_non_null(out);
	for (unsigned i = 0; i < FRAMES; i++) {
		assert_int_equal(
			fault_channel_put(channel, (const uint8_t *)&i, sizeof(i), ms(i)), 0);
		if (i % every == 0)
			take_all(channel, ms(i), out);
	}
	take_all(channel, NANOS_MAX, out);
	assert_true(fault_channel_due(channel) == NANOS_MAX);
	if (counts)
		*counts = fault_channel_counts(channel);
	fault_channel_free(channel);
	return out;
}

static struct left *run_one(const char *text, struct fault_counts *counts)
{
	const struct fault one = fault(text);

	return run(&one, 1, 7, 1, counts);
}

static void near(double want, double got, double tolerance)
{
	if (fabs(want - got) > tolerance)
		fail_msg("want %f, got %f", want, got);
}

static void without_a_fault_all_leave_at_once(void **state)
{
	struct left *left = run(NULL, 0, 1, 10, NULL);

	(void)state;
	assert_int_equal(left->n, FRAMES);
	for (unsigned i = 0; i < FRAMES; i++) {
		assert_int_equal(left->frames[i].number, i);
		assert_true(left->frames[i].at == ms(i));
	}
	free(left);
}

/* The share of lost frames, and the mean number of them in a row. */
static void losses(const struct left *left, double *share, double *length)
{
	unsigned next = 0, lost = 0, bursts = 0;

	for (size_t i = 0; i < left->n; i++) {
		const unsigned number = left->frames[i].number;

		lost += number - next;
		bursts += number != next;
		next = number + 1;
	}
	*share = (double)lost / FRAMES;
	*length = (double)lost / bursts;
}

static void frames_are_lost(void **state)
{
	struct fault_counts counts;
	struct left *left = run_one("loss 3%", &counts);
	double share, length;

	(void)state;
	losses(left, &share, &length);
	near(0.03, share, 0.003);
	near(1 / 0.97, length, 0.03);
	assert_int_equal(counts.put, FRAMES);
	assert_int_equal(counts.put - counts.lost, counts.taken);
	assert_int_equal(counts.taken, left->n);
	free(left);
	left = run_one("loss 100%", NULL);
	assert_int_equal(left->n, 0);
	free(left);
	left = run_one("loss 0%", NULL);
	assert_int_equal(left->n, FRAMES);
	free(left);
}

static void frames_are_lost_in_bursts(void **state)
{
	const struct fault model = {.kind = FAULT_BURST_LOSS, .burst = {0.01, 0.2, 0.5, 0.001}};
	struct left *left = run_one("burst-loss 3% 5", NULL);
	double share, length;

	(void)state;
	losses(left, &share, &length);
	near(0.03, share, 0.005);
	near(5, length, 0.5);
	free(left);
	/* In the long run the state is bad for 0.01 / (0.01 + 0.2) of the frames. */
	left = run(&model, 1, 3, 1, NULL);
	losses(left, &share, &length);
	near(0.5 * 0.01 / 0.21 + 0.001 * 0.2 / 0.21, share, 0.004);
	free(left);
}

static void frames_are_duplicated(void **state)
{
	struct fault_counts counts;
	struct left *left = run_one("duplicate 5%", &counts);

	(void)state;
	near(1.05, (double)left->n / FRAMES, 0.004);
	assert_int_equal(counts.duplicated, left->n - FRAMES);
	for (size_t i = 1; i < left->n; i++) {
		const unsigned before = left->frames[i - 1].number;

		assert_true(left->frames[i].number - before <= 1);
		assert_true(left->frames[i].at == ms(left->frames[i].number));
	}
	free(left);
}

static void frames_are_delayed(void **state)
{
	struct left *left = run_one("delay 40ms", NULL);

	(void)state;
	assert_int_equal(left->n, FRAMES);
	for (unsigned i = 0; i < FRAMES; i++) {
		assert_int_equal(left->frames[i].number, i);
		assert_true(left->frames[i].at == ms(i + 40));
	}
	free(left);
}

static void jitter_reorders(void **state)
{
	struct left *left = run_one("jitter 30ms", NULL);
	nanos least = NANOS_MAX, most = 0;
	size_t inversions = 0;
	double sum = 0;

	(void)state;
	assert_int_equal(left->n, FRAMES);
	for (size_t i = 0; i < left->n; i++) {
		const nanos took = left->frames[i].at - ms(left->frames[i].number);

		sum += (double)took;
		least = took < least ? took : least;
		most = took > most ? took : most;
		if (i) {
			inversions += left->frames[i].number < left->frames[i - 1].number;
			assert_true(left->frames[i].at >= left->frames[i - 1].at);
		}
	}
	near(15e6, sum / FRAMES, 0.2e6);
	assert_true(least >= 0 && least < ms(1));
	assert_true(most <= ms(30) && most > ms(29));
	assert_true(inversions > FRAMES / 4);
	free(left);
}

static bool same(const struct left *a, const struct left *b)
{
	return a->n == b->n && !memcmp(a->frames, b->frames, a->n * sizeof(a->frames[0]));
}

static void a_seed_repeats_a_run(void **state)
{
	const struct fault faults[] = {fault("burst-loss 2% 3"), fault("duplicate 5%"),
				       fault("jitter 30ms"), fault("merge 1500 1ms"),
				       fault("delay 2ms")};
	struct left *first = run(faults, 5, 1, 1, NULL), *asked_late = run(faults, 5, 1, 999, NULL),
		    *other = run(faults, 5, 2, 1, NULL);

	(void)state;
	assert_true(same(first, asked_late));
	assert_false(same(first, other));
	free(first);
	free(asked_late);
	free(other);
}

/* A fault in front, or behind, does not change what another one draws. */
static void faults_draw_for_themselves(void **state)
{
	const struct fault alone = fault("loss 3%");
	const struct fault both[] = {alone, fault("jitter 30ms")};
	struct left *first = run(&alone, 1, 9, 1, NULL), *second = run(both, 2, 9, 1, NULL);
	unsigned char *seen = calloc(FRAMES, 1);

	(void)state;
	assert_non_null(seen);
	assert_int_equal(first->n, second->n);
	for (size_t i = 0; i < first->n; i++)
		seen[first->frames[i].number] = 1;
	for (size_t i = 0; i < second->n; i++)
		assert_int_equal(seen[second->frames[i].number], 1);
	free(seen);
	free(first);
	free(second);
}

/* Copies that are made before the jitter part; those made behind it stay together. */
static void faults_apply_in_their_order(void **state)
{
	const struct fault before[] = {fault("duplicate 100%"), fault("jitter 30ms")};
	const struct fault behind[] = {before[1], before[0]};
	struct left *apart = run(before, 2, 5, 1, NULL), *together = run(behind, 2, 5, 1, NULL);
	size_t n = 0;

	(void)state;
	assert_int_equal(together->n, 2 * FRAMES);
	for (size_t i = 0; i < together->n; i += 2) {
		assert_int_equal(together->frames[i].number, together->frames[i + 1].number);
		assert_true(together->frames[i].at == together->frames[i + 1].at);
		n += apart->frames[i].number != apart->frames[i + 1].number;
	}
	assert_true(n > FRAMES / 2);
	free(apart);
	free(together);
}

static void due_is_the_next_event(void **state)
{
	const struct fault one = fault("delay 40ms");
	struct fault_channel *channel = fault_channel_new(&one, 1, 1);
	struct fault_frame *frame;

	(void)state;
	assert_true(fault_channel_due(channel) == NANOS_MAX);
	assert_int_equal(fault_channel_put(channel, NULL, 0, ms(5)), 0);
	assert_true(fault_channel_due(channel) == ms(5));
	assert_null(fault_channel_take(channel, ms(5)));
	assert_true(fault_channel_due(channel) == ms(45));
	assert_null(fault_channel_take(channel, ms(45) - 1));
	frame = fault_channel_take(channel, ms(45));
	assert_non_null(frame);
	assert_true(frame->at == ms(45));
	free(frame);
	/* What is still inside is freed with the channel. */
	assert_int_equal(fault_channel_put(channel, NULL, 0, ms(50)), 0);
	fault_channel_free(channel);
	fault_channel_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_fault_all_leave_at_once),
		cmocka_unit_test(frames_are_lost),
		cmocka_unit_test(frames_are_lost_in_bursts),
		cmocka_unit_test(frames_are_duplicated),
		cmocka_unit_test(frames_are_delayed),
		cmocka_unit_test(jitter_reorders),
		cmocka_unit_test(a_seed_repeats_a_run),
		cmocka_unit_test(faults_draw_for_themselves),
		cmocka_unit_test(faults_apply_in_their_order),
		cmocka_unit_test(due_is_the_next_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
