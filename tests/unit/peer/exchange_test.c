/*
 * The scripted peer against a DUT of a few lines, over the wire in memory.
 */
#include "peer/peer.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* cmocka has macros of the same names as a case's verbs. */
#undef expect
#undef expect_any
#undef check
#include <cmocka.h>

#define DUT_ISN 5000u
#define PEER_ISN 0xfffffff0u /* wraps within the tests */

struct told {
	char text[200], want[200];
	enum rung_kind kind;
	bool broken;
};

struct world {
	struct wire *wire;
	struct exchange *x;
	struct peer *p;
	jmp_buf end;
	bool broken;
	enum verdict verdict;
	char message[1024];
	int line;
	struct told rungs[64];
	int count;
	struct heard_options sent; /* of the last segment that left */
	uint32_t lie; /* added to the acknowledgement of each answer */
	bool mute, garbage;
	bool timestamps; /* the DUT's SYN and SYN-ACK have the option, with TSval 7 */
	nanos late; /* an answer's timestamp is this much after its cause */
};

static const struct address peer_ip = {4, {192, 0, 2, 1}}, dut_ip = {4, {192, 0, 2, 2}};
static const struct mac peer_mac = {{2, 0, 0, 0, 0, 1}}, dut_mac = {{2, 0, 0, 0, 0, 2}};

static void on_rung(void *arg, const struct rung *rung)
{
	struct world *w = arg;
	struct told *told = &w->rungs[w->count++];

	assert_true(w->count < 64);
	told->kind = rung->kind;
	told->broken = rung->broken;
	snprintf(told->text, sizeof(told->text), "%s", rung->text);
	snprintf(told->want, sizeof(told->want), "%s", rung->want ? rung->want : "");
}

static void on_waiting(void *arg, const char *what, nanos until)
{
	(void)arg;
	(void)what;
	(void)until;
}

static void on_idle(void *arg)
{
	(void)arg;
}

static void __attribute__((noreturn)) on_verdict(void *arg, bool broken, enum verdict verdict,
						 int line, const char *message)
{
	struct world *w = arg;

	w->broken = broken;
	w->verdict = verdict;
	w->line = line;
	snprintf(w->message, sizeof(w->message), "%s", message);
	longjmp(w->end, 1);
}

static void dut_says(struct world *w, const struct packet *cause, unsigned flags, uint32_t seq,
		     uint32_t ack)
{
	struct packet answer = {.kind = PACKET_TCP, .source_mac = dut_mac, .dest_mac = peer_mac,
		.source = dut_ip, .dest = peer_ip, .ttl = 64};
	uint8_t frame[256];
	size_t len;

	answer.tcp = (struct packet_tcp){.source_port = cause->tcp.dest_port,
		.dest_port = cause->tcp.source_port, .seq = seq, .ack = ack + w->lie,
		.flags = (uint16_t)flags, .window = 1000};
	if (w->timestamps && flags & SYN) {
		const struct option option = opt_timestamps(7, 0);

		assert_int_equal(options_encode(&option, 1, answer.tcp.options, &len), 0);
		answer.tcp.option_bytes = (uint8_t)len;
	}
	assert_int_equal(packet_encode(&answer, frame, sizeof(frame), &len), 0);
	if (w->garbage)
		frame[14 + 20 + 12] = 0x10; /* a data offset of one word */
	assert_int_equal(wire_double_hear(w->wire, clock_realtime() + w->late, frame, len), 0);
}

/* A DUT that answers SYN with SYN-ACK and data with ACK. */
static void on_send(void *arg, struct wire *wire, const uint8_t *frame, size_t len)
{
	struct world *w = arg;
	struct packet packet;

	(void)wire;
	packet_parse(frame, len, len, &packet);
	assert_int_equal(packet.kind, PACKET_TCP);
	options_decode(packet.tcp.options, packet.tcp.option_bytes, &w->sent);
	if (w->mute)
		return;
	if (packet.tcp.flags & SYN)
		dut_says(w, &packet, SYN | ACK, DUT_ISN, packet.tcp.seq + 1);
	else if (packet.tcp.len)
		dut_says(w, &packet, ACK, DUT_ISN + 1, packet.tcp.seq + (uint32_t)packet.tcp.len);
}

static int setup_as(void **state, bool rehearsal)
{
	struct world *w = calloc(1, sizeof(*w));
	struct exchange_config config = {.observer = {w, on_rung, on_waiting, on_verdict, on_idle},
		.peer_address = peer_ip, .dut_address = dut_ip, .peer_mac = peer_mac,
		.dut_mac = dut_mac, .seed = 1, .time_scale = 1, .rehearsal = rehearsal};
	struct why why;

	assert_non_null(w);
	assert_int_equal(wire_double(&w->wire, on_send, w), 0);
	config.wire = w->wire;
	assert_int_equal(exchange_new(&w->x, &config, &why), 0);
	w->p = peer_new(w->x, 40000, 80, PEER_ISN);
	*state = w;
	return 0;
}

static int setup(void **state)
{
	return setup_as(state, false);
}

static int setup_rehearsal(void **state)
{
	return setup_as(state, true);
}

static int teardown(void **state)
{
	struct world *w = *state;

	exchange_free(w->x);
	wire_free(w->wire, true);
	free(w);
	return 0;
}

#define SEGMENT(...) (&(struct segment){.flags = __VA_ARGS__})

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
	assert_non_null(strstr(w->message, "nothing came"));
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
	assert_int_equal(exchange_audit(w->x, NULL), 0);
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

static void dropped_frames_are_no_pass(void **state)
{
	struct world *w = *state;
	struct why why;

	if (setjmp(w->end))
		fail_msg("%s", w->message);
	wire_double_drop(w->wire, 3);
	assert_int_equal(exchange_audit(w->x, &why), -EIO);
	assert_non_null(strstr(why.text, "dropped 3"));
}

/* RFC 7323 section 2.1: on every segment, once both SYNs had them, whoever came first. */
static void assert_timestamps(struct world *w, uint32_t from)
{
	peer_inject(w->p, SEGMENT(ACK));
	assert_true(w->sent.kinds & WITHOUT(OPTION_TIMESTAMPS));
	assert_int_equal(w->sent.tsecr, 7);
	/* Our clock goes on from what our SYN said: it neither jumps nor runs back. */
	assert_in_range(w->sent.tsval - from, 0, 1000);
}

static void timestamps_when_we_open(void **state)
{
	struct world *w = *state;

	w->timestamps = true;
	if (setjmp(w->end))
		fail_msg("%s", w->message);
	peer_inject(w->p, SEGMENT(SYN, .options = {opt_timestamps(0xffffff00u, 0)}));
	peer_expect(w->p, SEGMENT(SYN | ACK, .ack = is(1)));
	assert_timestamps(w, 0xffffff00u);
}

static void timestamps_when_the_dut_opens(void **state)
{
	struct world *w = *state;
	struct packet ours = {.tcp = {.source_port = 40000, .dest_port = 80}};

	w->timestamps = true;
	w->late = ms(5); /* windows count from the expectation where nothing was before */
	if (setjmp(w->end))
		fail_msg("%s", w->message);
	dut_says(w, &ours, SYN, DUT_ISN, 0);
	peer_expect(w->p, SEGMENT(SYN, .seq = is(0)));
	w->mute = true;
	peer_inject(w->p, SEGMENT(SYN | ACK, .options = {opt_timestamps(1000, 7)}));
	assert_timestamps(w, 1000);
}

static void no_timestamps_where_one_side_has_none(void **state)
{
	struct world *w = *state;

	if (setjmp(w->end))
		fail_msg("%s", w->message);
	peer_inject(w->p, SEGMENT(SYN, .options = {opt_timestamps(1000, 0)}));
	peer_expect(w->p, SEGMENT(SYN | ACK, .ack = is(1)));
	peer_inject(w->p, SEGMENT(ACK));
	assert_false(w->sent.kinds & WITHOUT(OPTION_TIMESTAMPS));
}

/* Our own lateness is never the DUT's fault. */
static void a_late_harness_is_inconclusive(void **state)
{
	struct world *w = *state;
	nanos until = clock_monotonic() + ms(70);

	w->lie = 1;
	if (!setjmp(w->end)) {
		while (clock_monotonic() < until)
			continue;
		peer_inject(w->p, SEGMENT(SYN));
		peer_expect(w->p, SEGMENT(SYN | ACK, .ack = is(1)));
		fail_msg("the lie went through");
	}
	assert_false(w->broken);
	assert_int_equal(w->verdict, VERDICT_INCONCLUSIVE);
}

/* Reads what made it readable, and takes far too long for that. */
static int slow_source(void *arg, struct why *why)
{
	nanos until = clock_monotonic() + ms(60);
	uint64_t count;

	(void)why;
	while (clock_monotonic() < until)
		continue;
	return read(*(int *)arg, &count, sizeof(count)) == sizeof(count) ? 0 : -EIO;
}

/* The DUT's answer to the SYN, when a timer of its own expires. */
struct held_up {
	struct world *world;
	int timer;
};

static int held_up_answer(void *arg, struct why *why)
{
	const struct held_up *held = arg;
	const struct packet cause = {.tcp = {.source_port = 40000, .dest_port = 80}};
	uint64_t count;

	(void)why;
	dut_says(held->world, &cause, SYN | ACK, DUT_ISN, PEER_ISN + 1);
	return read(held->timer, &count, sizeof(count)) == sizeof(count) ? 0 : -EIO;
}

/* Nor is what comes late when nobody let us run: the DUT's timers may have been late as well. */
static void a_machine_that_stands_still_is_inconclusive(void **state)
{
	struct world *w = *state;
	const struct itimerspec soon = {.it_value = {.tv_nsec = 80000000}};
	struct held_up held = {w, timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)};
	int fd = eventfd(1, EFD_CLOEXEC);

	assert_true(fd >= 0 && held.timer >= 0);
	assert_int_equal(timerfd_settime(held.timer, 0, &soon, NULL), 0);
	w->mute = true;
	if (!setjmp(w->end)) {
		exchange_watch(w->x, fd, slow_source, &fd);
		exchange_watch(w->x, held.timer, held_up_answer, &held);
		peer_inject(w->p, SEGMENT(SYN));
		peer_expect(w->p, SEGMENT(SYN | ACK, .when = within(ms(10))));
		fail_msg("a late answer was taken for one in time");
	}
	close(held.timer);
	close(fd);
	assert_false(w->broken);
	assert_int_equal(w->verdict, VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(w->message, "stood still"));
}

/* But a DUT that stays silent when it has got its time back is not late. */
static void a_stall_does_not_excuse_silence(void **state)
{
	struct world *w = *state;
	int fd = eventfd(1, EFD_CLOEXEC);

	assert_true(fd >= 0);
	w->mute = true;
	if (!setjmp(w->end)) {
		exchange_watch(w->x, fd, slow_source, &fd);
		peer_inject(w->p, SEGMENT(SYN));
		peer_expect(w->p, SEGMENT(SYN | ACK, .when = within(ms(10))));
		fail_msg("nothing was taken for something");
	}
	close(fd);
	assert_true(w->broken);
	assert_non_null(strstr(w->message, "nothing came"));
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
	peer_check(w->p, false, "never", "a rehearsal checks nothing");
	assert_int_equal(exchange_audit(w->x, NULL), 0);
	assert_int_equal(w->count, 5);
	assert_non_null(strstr(w->rungs[1].text, "ack 1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(numbers_are_relative_and_wrap, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrong_number_breaks_the_claim, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_heard_is_a_missing_rung, setup, teardown),
		cmocka_unit_test_setup_teardown(too_late_is_too_late, setup, teardown),
		cmocka_unit_test_setup_teardown(silence_hears_a_segment, setup, teardown),
		cmocka_unit_test_setup_teardown(silence_is_silence, setup, teardown),
		cmocka_unit_test_setup_teardown(a_lost_segment_never_leaves, setup, teardown),
		cmocka_unit_test_setup_teardown(a_lost_answer_moves_no_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(any_of_several, setup, teardown),
		cmocka_unit_test_setup_teardown(an_unreadable_frame_breaks_the_claim, setup, teardown),
		cmocka_unit_test_setup_teardown(dropped_frames_are_no_pass, setup, teardown),
		cmocka_unit_test_setup_teardown(timestamps_when_we_open, setup, teardown),
		cmocka_unit_test_setup_teardown(timestamps_when_the_dut_opens, setup, teardown),
		cmocka_unit_test_setup_teardown(no_timestamps_where_one_side_has_none, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_late_harness_is_inconclusive, setup, teardown),
		cmocka_unit_test_setup_teardown(a_machine_that_stands_still_is_inconclusive, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_stall_does_not_excuse_silence, setup, teardown),
		cmocka_unit_test_setup_teardown(a_rehearsal_meets_every_expectation, setup_rehearsal,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
