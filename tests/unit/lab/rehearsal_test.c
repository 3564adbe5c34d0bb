/*
 * A case's verbs without a DUT: what they put on the ladder, and how they end a case.
 */
#include "lab/lab.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* cmocka has macros of the same names as a case's verbs. */
#undef check
#undef expect
#undef expect_any
#include <cmocka.h>

static struct {
	char rungs[80][160];
	enum rung_kind kinds[80];
	int count, line;
	bool ended, broken;
	enum verdict verdict;
	char message[400];
	jmp_buf end;
} seen;

static void on_rung(void *arg, const struct rung *rung)
{
	(void)arg;
	assert_true(seen.count < 80);
	seen.kinds[seen.count] = rung->kind;
	snprintf(seen.rungs[seen.count++], sizeof(seen.rungs[0]), "%s", rung->text);
}

static void on_waiting(void *arg, const char *what, nanos until)
{
	(void)arg;
	(void)what;
	(void)until;
	fail_msg("a rehearsal waits for nothing");
}

static void on_idle(void *arg)
{
	(void)arg;
}

static void __attribute__((noreturn)) on_verdict(void *arg, bool broken, enum verdict verdict,
						 int line, const char *message)
{
	(void)arg;
	seen.ended = true;
	seen.broken = broken;
	seen.verdict = verdict;
	seen.line = line;
	snprintf(seen.message, sizeof(seen.message), "%s", message);
	longjmp(seen.end, 1);
}

static struct lab *lab_new(uint64_t seed)
{
	struct lab_config config = {.family = 4, .seed = seed, .time_scale = 1, .rehearsal = true,
		.timers = {[TIMER_TIME_WAIT] = sec(60)},
		.observer = {NULL, on_rung, on_waiting, on_verdict, on_idle}};
	/* A lab is left to the process's end. */
	static struct lab *all[32];
	static size_t n;
	struct lab *lab = NULL;
	struct why why;

	memset(&seen, 0, sizeof(seen));
	assert_true(n < sizeof(all) / sizeof(all[0]));
	assert_int_equal(lab_open(&lab, &config, &why), 0);
	all[n++] = lab;
	return lab;
}

/* Is there a rung of this kind with these words? */
static bool has_rung(enum rung_kind kind, const char *words)
{
	for (int i = 0; i < seen.count; i++)
		if (seen.kinds[i] == kind && strstr(seen.rungs[i], words))
			return true;
	return false;
}

static void a_whole_case_is_rehearsed(void **state)
{
	struct lab *lab = lab_new(1);
	struct peer *p;

	(void)state;
	if (setjmp(seen.end))
		fail_msg("%s", seen.message);
	dut_sysctl(lab, "net.ipv4.tcp_syncookies", 0);
	p = handshaken(lab);
	dut_write(p, pattern(100));
	peer_expect(p, &(struct segment){.flags = ACK, .len = is(100)});
	dut_expect_read(p, pattern(10));
	dut_shutdown(p);
	peer_expect(p, &(struct segment){.flags = FIN | ACK, .seq = is(101)});
	dut_expect_state_when(p, CLOSED, 0, about(dut_timer(lab, TIMER_TIME_WAIT)));
	dut_expect_eof(p);
	dut_close(p);
	assert_int_equal(lab_audit(lab, NULL), 0);
	assert_true(has_rung(RUNG_CALL, "tcp_syncookies=0"));
	assert_true(has_rung(RUNG_CALL, "accept() = success"));
	assert_true(has_rung(RUNG_CALL, "write(100)"));
	assert_true(has_rung(RUNG_HEARD, "F."));
	assert_true(has_rung(RUNG_STATE, "CLOSED"));
	assert_true(has_rung(RUNG_CALL, "shutdown(SHUT_WR)"));
}

static void what_a_rehearsal_cannot_ask_the_pins_answer(void **state)
{
	struct lab *lab = lab_new(1);

	(void)state;
	if (setjmp(seen.end))
		fail_msg("%s", seen.message);
	assert_int_equal(dut_sysctl_get(lab, "net.ipv4.tcp_synack_retries"), 5);
	assert_true(dut_timer(lab, TIMER_TIME_WAIT) == sec(60));
}

/* Ports and ISNs follow from the seed, and no two peers share a port. */
static void peers_follow_from_the_seed(void **state)
{
	uint32_t isn[3], port[3];
	const uint64_t seeds[] = {1, 1, 2};

	(void)state;
	if (setjmp(seen.end))
		fail_msg("%s", seen.message);
	for (int i = 0; i < 3; i++) {
		struct lab *lab = lab_new(seeds[i]);
		struct peer *p = dial(lab), *q = dial(lab);

		isn[i] = peer_iss(p);
		port[i] = peer_port(p);
		assert_int_not_equal(peer_port(p), peer_port(q));
		assert_int_equal(peer_dut_port(p), peer_dut_port(q));
	}
	assert_int_equal(isn[0], isn[1]);
	assert_int_equal(port[0], port[1]);
	assert_int_not_equal(isn[0], isn[2]);
}

static void a_dialing_is_taken_as_told(void **state)
{
	struct lab *lab = lab_new(1);
	struct peer *p;

	(void)state;
	if (setjmp(seen.end))
		fail_msg("%s", seen.message);
	p = dial_as(lab, .port = 40000, .to = 80, .use_isn = true, .isn = 0);
	assert_int_equal(peer_port(p), 40000);
	assert_int_equal(peer_dut_port(p), 80);
	assert_int_equal(peer_iss(p), 0);
}

/* Each state by its own way: the last words, the next numbers, and who has closed. */
static void every_state_is_reached(void **state)
{
	static const struct {
		enum state state;
		const char *last;
		uint32_t snd_nxt, rcv_nxt;
		bool dut_closes;
	} ways[] = {
		{LISTEN, "state LISTEN", 0, 0, false},
		{SYN_SENT, "state SYN-SENT", 0, 1, false},
		{SYN_RECEIVED, "state SYN-RECEIVED", 1, 1, false},
		{ESTABLISHED, "state ESTABLISHED", 101, 201, false},
		{FIN_WAIT_1, "state FIN-WAIT-1", 101, 202, true},
		{FIN_WAIT_2, "state FIN-WAIT-2", 101, 202, true},
		{CLOSING, "state CLOSING", 102, 202, true},
		{TIME_WAIT, "state TIME-WAIT", 102, 202, true},
		{CLOSE_WAIT, "state CLOSE-WAIT", 102, 201, false},
		{LAST_ACK, "state LAST-ACK", 102, 202, true},
		{CLOSED, "state CLOSED", 0, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct lab *lab = lab_new(1);
		struct peer *p;

		if (setjmp(seen.end))
			fail_msg("%s", seen.message);
		p = reach(lab, ways[i].state);
		assert_int_equal(lab_audit(lab, NULL), 0);
		assert_int_equal(seen.kinds[seen.count - 1], RUNG_STATE);
		assert_string_equal(seen.rungs[seen.count - 1], ways[i].last);
		assert_int_equal(peer_snd_nxt(p), ways[i].snd_nxt);
		assert_int_equal(peer_rcv_nxt(p), ways[i].rcv_nxt);
		assert_int_equal(has_rung(RUNG_CALL, "shutdown(SHUT_WR)"), ways[i].dut_closes);
	}
}

static void no_way_leads_to_no_state(void **state)
{
	struct lab *lab = lab_new(1);

	(void)state;
	if (!setjmp(seen.end)) {
		reach(lab, STATE_NONE);
		fail_msg("a state without a name was reached");
	}
	assert_int_equal(seen.verdict, VERDICT_ERROR);
	assert_non_null(strstr(seen.message, "no such state"));
}

/* A template that cannot be sent is the case's mistake, told with its line. */
static void a_wrong_template_is_an_error(void **state)
{
	struct lab *lab = lab_new(1);
	struct peer *p;
	static int line;

	(void)state;
	if (!setjmp(seen.end)) {
		p = dial(lab);
		line = __LINE__ + 1;
		inject(p, ACK, .seq = from_to(1, 2));
		fail_msg("a range was sent");
	}
	assert_true(seen.ended);
	assert_false(seen.broken);
	assert_int_equal(seen.verdict, VERDICT_ERROR);
	assert_int_equal(seen.line, line);
	assert_non_null(strstr(seen.message, "is()"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_case_is_rehearsed),
		cmocka_unit_test(what_a_rehearsal_cannot_ask_the_pins_answer),
		cmocka_unit_test(peers_follow_from_the_seed),
		cmocka_unit_test(a_dialing_is_taken_as_told),
		cmocka_unit_test(every_state_is_reached),
		cmocka_unit_test(no_way_leads_to_no_state),
		cmocka_unit_test(a_wrong_template_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
