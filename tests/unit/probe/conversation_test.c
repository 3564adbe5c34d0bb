/*
 * A play's steps against a DUT of a few lines: which numbers leave, and what ends a play whose
 * ladder grows too long.
 */
#include "spelt.h"
#include <stdlib.h>

#define DUT_ISN 5000u
#define SENT_MAX 64

struct sent {
	unsigned flags;
	uint32_t seq, ack;
	size_t option_bytes;
};

struct world {
	struct wire *wire;
	struct exchange *x;
	struct peer *p;
	struct play play;
	unsigned copies; /* of each answer */
	bool closed;     /* a SYN gets a RST */
	uint32_t rcv_nxt;
	struct sent sent[SENT_MAX];
	size_t count;
	size_t rungs;
	jmp_buf end;
	enum verdict verdict;
	bool broken;
	char message[256];
};

static const struct address peer_ip = {4, {192, 0, 2, 1}}, dut_ip = {4, {192, 0, 2, 2}};
static const struct mac peer_mac = {{2, 0, 0, 0, 0, 1}}, dut_mac = {{2, 0, 0, 0, 0, 2}};

static void on_rung(void *arg, const struct rung *rung)
{
	(void)rung;
	((struct world *)arg)->rungs++;
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

static void __attribute__((noreturn))
on_verdict(void *arg, bool broken, enum verdict verdict, int line, const char *message)
{
	struct world *w = arg;

	(void)line;
	w->broken = broken;
	w->verdict = verdict;
	snprintf(w->message, sizeof(w->message), "%s", message);
	longjmp(w->end, 1);
}

static void says(struct world *w, const struct packet *cause, unsigned flags, uint32_t seq)
{
	struct packet answer = {.kind = PACKET_TCP, .source_mac = dut_mac, .dest_mac = peer_mac,
		.source = dut_ip, .dest = peer_ip, .ttl = 64};
	uint8_t frame[256];
	size_t len;

	answer.tcp = (struct packet_tcp){.source_port = cause->tcp.dest_port,
		.dest_port = cause->tcp.source_port, .seq = seq, .ack = w->rcv_nxt,
		.flags = (uint16_t)flags, .window = 1000};
	assert_int_equal(packet_encode(&answer, frame, sizeof(frame), &len), 0);
	for (unsigned i = 0; i < w->copies; i++)
		assert_int_equal(wire_double_hear(w->wire, clock_realtime(), frame, len), 0);
}

/* What comes in order is acknowledged; nothing is said to an ACK or a RST. */
static void takes(void *arg, struct wire *wire, const uint8_t *frame, size_t len)
{
	struct world *w = arg;
	struct packet packet;
	const struct packet_tcp *tcp = &packet.tcp;

	(void)wire;
	packet_parse(frame, len, len, &packet);
	assert_true(w->count < SENT_MAX);
	w->sent[w->count++] = (struct sent){tcp->flags, tcp->seq, tcp->ack, tcp->option_bytes};
	if (tcp->flags & SYN) {
		w->rcv_nxt = tcp->seq + 1;
		says(w, &packet, w->closed ? RST | ACK : SYN | ACK, w->closed ? 0 : DUT_ISN);
	} else if (!(tcp->flags & RST) && (tcp->len || tcp->flags & FIN)) {
		w->rcv_nxt = tcp->seq + (uint32_t)tcp->len + !!(tcp->flags & FIN);
		says(w, &packet, ACK, DUT_ISN + 1);
	}
}

static void plays(struct world *w, const char *text_)
{
	struct why why = {.text = ""};

	if (play_parse("--play", text_, &w->play, &why))
		fail_msg("%s", why.text);
	play_run(&w->play, w->p, ms(500));
	play_free(&w->play);
}

static void plays_well(struct world *w, const char *text_)
{
	if (setjmp(w->end))
		fail_msg("%s", w->message);
	plays(w, text_);
}

/* A number that left, counted from the first SYN's. */
static uint32_t place(const struct world *w, size_t i)
{
	assert_true(i < w->count);
	return w->sent[i].seq - w->sent[0].seq;
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct exchange_config config = {.observer = {w, on_rung, on_waiting, on_verdict, on_idle},
		.peer_address = peer_ip, .dut_address = dut_ip, .peer_mac = peer_mac,
		.dut_mac = dut_mac, .seed = 1, .time_scale = 1};
	struct why why;

	assert_non_null(w);
	w->copies = 1;
	assert_int_equal(wire_double(&w->wire, takes, w), 0);
	config.wire = w->wire;
	assert_int_equal(exchange_new(&w->x, &config, &why), 0);
	w->p = peer_new(w->x, 40000, 80, 0xfffffff0u);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	play_free(&w->play);
	exchange_free(w->x);
	wire_free(w->wire, true);
	free(w);
	return 0;
}

static void a_syn_again_has_its_number(void **state)
{
	struct world *w = *state;

	plays_well(w, "S; < SA; S; < SA; A; data \"abc\"; < A; S data \"x\"; < SA; repeat 2 S");
	assert_int_equal(place(w, 1), 0);
	assert_int_equal(place(w, 2), 1);
	assert_int_equal(place(w, 4), 0);
	assert_int_equal(place(w, 5), 0);
	assert_int_equal(place(w, 6), 0);
}

/* RFC 9293 3.8.1: it has one place, and what is sent after it has another. */
static void a_fin_again_has_its_number(void **state)
{
	struct world *w = *state;

	plays_well(w, "S; < SA; A; data \"abc\"; < A; F; < A; F; < A; A; F data \"\"; < A; "
		      "data \"de\"; < A; F; < A");
	assert_int_equal(place(w, 3), 4); /* F */
	assert_int_equal(place(w, 4), 4);
	assert_int_equal(place(w, 5), 5); /* A */
	assert_int_equal(place(w, 6), 4);
	assert_int_equal(place(w, 7), 5); /* data */
	assert_int_equal(place(w, 8), 7);
}

static void a_fin_with_data_again(void **state)
{
	struct world *w = *state;

	plays_well(w, "S; < SA; A; F data \"abc\"; < A; F data \"abc\"; < A; F; < A");
	assert_int_equal(place(w, 2), 1);
	assert_int_equal(place(w, 3), 1);
	assert_int_equal(place(w, 4), 4);
}

static void a_chosen_isn_is_followed(void **state)
{
	struct world *w = *state;

	plays_well(w, "S seq 1000; < SA ack 1001; A; data \"x\"; < A ack 1002; PA seq +7 data "
		      "\"y\"; < A; S; < SA ack +1; F; < A ack +3");
	assert_int_equal(w->sent[0].seq, 1000);
	assert_int_equal(w->sent[1].seq, 1001);
	assert_int_equal(w->sent[2].seq, 1001);
	assert_int_equal(w->sent[3].seq, 1007);
	assert_int_equal(w->sent[4].seq, 1000);
	assert_int_equal(w->sent[5].seq, 1002);
	assert_int_equal(peer_iss(w->p), 1000);
}

/* Another number is no retransmission, and no new connection. */
static void a_second_syn_may_have_a_number(void **state)
{
	struct world *w = *state;

	plays_well(w, "S seq 1000; < SA; S seq 5000; A");
	assert_int_equal(w->sent[1].seq, 5000);
	assert_int_equal(w->sent[2].seq, 1001);
}

/* A connection that a RST has ended is followed by another one, whose numbers lie beyond. */
static void a_syn_after_the_end_is_a_new_one(void **state)
{
	struct world *w = *state;

	plays_well(w, "repeat 2 { S; < SA ack +1; A; R }");
	assert_true((int32_t)(w->sent[3].seq - w->sent[2].seq) > 0);
	assert_int_equal(w->sent[4].seq, w->sent[3].seq + 1);
	assert_int_equal(w->sent[4].ack, DUT_ISN + 1);
}

static void a_refused_syn_may_come_again(void **state)
{
	struct world *w = *state;

	w->closed = true;
	plays_well(w, "S; < RA ack +1; S; < RA ack +1");
	assert_int_equal(w->count, 2);
}

static void options_are_as_typed(void **state)
{
	struct world *w = *state;

	plays_well(w, "S <>; < SA; S; < SA; S <nop,nop,nop,nop>");
	assert_int_equal(w->sent[0].option_bytes, 0);
	assert_int_equal(w->sent[1].option_bytes, 4);
	assert_int_equal(w->sent[2].option_bytes, 4);
}

/* What is heard is kept: a flood ends the play, and what came until then is told. */
static void a_flood_ends_the_play(void **state)
{
	struct world *w = *state;

	w->copies = 1000;
	exchange_set_limit(w->x, 100);
	if (!setjmp(w->end)) {
		plays(w, "S; < SA; wait 10s");
		fail_msg("the play went on");
	}
	assert_false(w->broken);
	assert_int_equal(w->verdict, VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(w->message, "the limit of 100 segments"));
	assert_int_equal(w->rungs, 100);
	/* And what follows takes in no more. */
	exchange_close(w->x, ms(10));
	assert_int_equal(w->rungs, 100);
}

/* An upper bound counts from the step before, which may be a silence or a wait. */
static void times_count_from_the_step_before(void **state)
{
	struct world *w = *state;
	nanos begun = clock_monotonic();

	if (!setjmp(w->end)) {
		plays(w, "S; < SA; < silence 60ms; wait 60ms; < SA within 60ms");
		fail_msg("nothing came, and the play went on");
	}
	/* On a machine that stood still meanwhile it is no claim that is broken. */
	assert_true(w->broken || w->verdict == VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(w->message, "no segment arrived"));
	assert_true(clock_monotonic() - begun >= ms(180));
}

/* A segment that came meanwhile is in time, and what follows is awaited from then on. */
static void what_came_meanwhile_is_taken(void **state)
{
	struct world *w = *state;
	const nanos begun = clock_monotonic();

	w->copies = 2;
	if (!setjmp(w->end)) {
		plays(w, "S; < SA; wait 100ms; < SA within 10ms; < SA within 60ms");
		fail_msg("nothing came, and the play went on");
	}
	assert_non_null(strstr(w->message, "no segment arrived"));
	assert_true(clock_monotonic() - begun >= ms(160));
}

/* about() counts from the segment before, wherever it was taken. */
static void about_has_a_lower_bound(void **state)
{
	struct world *w = *state;

	w->copies = 2;
	if (!setjmp(w->end)) {
		plays(w, "S; < SA; wait 50ms; < SA about 100ms");
		fail_msg("one that came at once was taken for late enough");
	}
	assert_non_null(strstr(w->message, "want after about 100 ms"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(a_syn_again_has_its_number),
		TEST(a_fin_again_has_its_number),
		TEST(a_fin_with_data_again),
		TEST(a_chosen_isn_is_followed),
		TEST(a_second_syn_may_have_a_number),
		TEST(a_syn_after_the_end_is_a_new_one),
		TEST(a_refused_syn_may_come_again),
		TEST(options_are_as_typed),
		TEST(a_flood_ends_the_play),
		TEST(times_count_from_the_step_before),
		TEST(what_came_meanwhile_is_taken),
		TEST(about_has_a_lower_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
