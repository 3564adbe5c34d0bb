/*
 * What is reset when a conversation is over, where, and how often, against a DUT of a few lines
 * that takes a RST at RCV.NXT only and challenges every other one (RFC 5961 3.2).
 */
#include "world.h"

struct dut {
	struct wire *wire;
	struct exchange *x;
	struct peer *p;
	bool open, mute, deaf; /* mute: answers nothing; deaf: acknowledges no data */
	uint32_t rcv_nxt, snd_nxt;
	uint32_t lie; /* its acknowledgements are off by this, but for those of RSTs and old data */
	unsigned resets, asked, sent; /* segments that came */
};

static void says(struct dut *d, const struct packet *cause, unsigned flags, uint32_t ack)
{
	struct packet answer = {.kind = PACKET_TCP, .source_mac = dut_mac, .dest_mac = peer_mac,
		.source = dut_ip, .dest = peer_ip, .ttl = 64};
	uint8_t frame[256];
	size_t len;

	if (d->mute)
		return;
	answer.tcp = (struct packet_tcp){.source_port = cause->tcp.dest_port,
		.dest_port = cause->tcp.source_port, .seq = d->snd_nxt, .ack = ack,
		.flags = (uint16_t)flags, .window = 1000};
	assert_int_equal(packet_encode(&answer, frame, sizeof(frame), &len), 0);
	assert_int_equal(wire_double_hear(d->wire, clock_realtime(), frame, len), 0);
}

static void takes(void *arg, struct wire *wire, const uint8_t *frame, size_t len)
{
	struct dut *d = arg;
	struct packet packet;
	const struct packet_tcp *tcp = &packet.tcp;

	(void)wire;
	packet_parse(frame, len, len, &packet);
	d->sent++;
	if (tcp->flags & RST) {
		d->resets++;
		if (tcp->seq == d->rcv_nxt)
			d->open = false;
		else if (d->open)
			says(d, &packet, ACK, d->rcv_nxt);
		return;
	}
	if (!d->open && !(tcp->flags & SYN)) {
		says(d, &packet, RST, 0);
		return;
	}
	if (tcp->flags & SYN) {
		d->open = true;
		d->snd_nxt = DUT_ISN;
		d->rcv_nxt = tcp->seq + 1;
		says(d, &packet, SYN | ACK, d->rcv_nxt);
		d->snd_nxt++;
		return;
	}
	if (tcp->len && (int32_t)(tcp->seq - d->rcv_nxt) < 0) {
		d->asked++;
		says(d, &packet, ACK, d->rcv_nxt);
		return;
	}
	if (tcp->len || tcp->flags & FIN) {
		if (tcp->seq == d->rcv_nxt)
			d->rcv_nxt += (uint32_t)tcp->len + !!(tcp->flags & FIN);
		if (!d->deaf)
			says(d, &packet, ACK, d->rcv_nxt + d->lie);
	}
}

static void __attribute__((noreturn))
no_verdict(void *arg, bool broken, enum verdict verdict, int line, const char *message)
{
	(void)arg;
	(void)broken;
	(void)verdict;
	(void)line;
	fail_msg("%s", message);
	abort();
}

static void no_rung(void *arg, const struct rung *rung)
{
	(void)arg;
	(void)rung;
}

static int dut_setup(void **state)
{
	struct dut *d = calloc(1, sizeof(*d));
	struct exchange_config config = {.observer = {d, no_rung, on_waiting, no_verdict, on_idle},
		.peer_address = peer_ip, .dut_address = dut_ip, .peer_mac = peer_mac,
		.dut_mac = dut_mac, .seed = 1, .time_scale = 1};
	struct why why;

	assert_non_null(d);
	assert_int_equal(wire_double(&d->wire, takes, d), 0);
	config.wire = d->wire;
	assert_int_equal(exchange_new(&d->x, &config, &why), 0);
	d->p = peer_new(d->x, 40000, 80, PEER_ISN);
	*state = d;
	return 0;
}

static int dut_teardown(void **state)
{
	struct dut *d = *state;

	exchange_free(d->x);
	wire_free(d->wire, true);
	free(d);
	return 0;
}

static void established(struct dut *d)
{
	peer_inject(d->p, SEGMENT(SYN));
	peer_expect(d->p, SEGMENT(SYN | ACK, .ack = is(1)));
	peer_inject(d->p, SEGMENT(ACK));
}

static void closes(struct dut *d)
{
	exchange_close(d->x, ms(300));
	assert_false(d->open);
}

static void what_is_acknowledged_takes_one_reset(void **state)
{
	struct dut *d = *state;

	established(d);
	closes(d);
	assert_int_equal(d->resets, 1);
	assert_int_equal(d->asked, 0);
}

static void data_with_a_number_of_its_own(void **state)
{
	struct dut *d = *state;

	established(d);
	peer_inject(d->p, SEGMENT(ACK, .seq = is(1), .data = pattern(10)));
	peer_expect(d->p, SEGMENT(ACK, .ack = is(11)));
	closes(d);
	assert_int_equal(d->resets, 1);
}

static void a_reset_elsewhere_closes_nothing(void **state)
{
	struct dut *d = *state;

	established(d);
	peer_inject(d->p, SEGMENT(RST, .seq = is(100)));
	peer_expect(d->p, SEGMENT(ACK, .ack = is(1)));
	closes(d);
	assert_int_equal(d->resets, 2);
}

static void data_in_the_syn_that_is_not_taken(void **state)
{
	struct dut *d = *state;

	peer_inject(d->p, SEGMENT(SYN, .data = pattern(5)));
	closes(d);
	assert_int_equal(d->asked, 1);
}

/* Of what is acknowledged nothing is known: the DUT is asked, and resets itself nowhere else. */
static void what_is_under_way_is_asked_for(void **state)
{
	struct dut *d = *state;

	established(d);
	d->deaf = true;
	peer_inject(d->p, SEGMENT(ACK, .data = pattern(10)));
	peer_inject(d->p, SEGMENT(ACK, .data = pattern(10)));
	closes(d);
	assert_int_equal(d->asked, 1);
	assert_int_equal(d->resets, 1);
}

/* Its acknowledgement is off, and what it answers to the RST is not. */
static void a_challenge_is_answered(void **state)
{
	struct dut *d = *state;

	established(d);
	d->lie = 7;
	peer_inject(d->p, SEGMENT(ACK, .data = pattern(10)));
	peer_expect(d->p, SEGMENT(ACK));
	closes(d);
	assert_int_equal(d->resets, 2);
}

static void a_silent_dut_is_reset_wherever_it_may_be(void **state)
{
	struct dut *d = *state;

	established(d);
	d->mute = true;
	peer_inject(d->p, SEGMENT(ACK, .data = pattern(10)));
	closes(d);
	assert_true(d->resets <= 3);
}

static void an_orderly_close_is_followed_by_nothing(void **state)
{
	struct dut *d = *state;
	struct packet_tcp fin = {.seq = DUT_ISN + 1, .flags = FIN | ACK, .ack = PEER_ISN + 2};
	unsigned before;

	established(d);
	peer_inject(d->p, SEGMENT(FIN | ACK));
	peer_expect(d->p, SEGMENT(ACK, .ack = is(2)));
	peer_saw(d->p, false, &fin);
	assert_false(peer_is_over(d->p));
	peer_inject(d->p, SEGMENT(ACK, .ack = is(2)));
	assert_true(peer_is_over(d->p));
	before = d->sent;
	exchange_close(d->x, ms(300));
	exchange_leave(d->x);
	assert_int_equal(d->sent, before);
}

/* Its last ACK was not sent: the DUT still waits for that. */
static void a_close_that_lacks_an_ack_is_reset(void **state)
{
	struct dut *d = *state;
	struct packet_tcp fin = {.seq = DUT_ISN + 1, .flags = FIN | ACK, .ack = PEER_ISN + 2};

	established(d);
	peer_inject(d->p, SEGMENT(FIN | ACK));
	peer_expect(d->p, SEGMENT(ACK, .ack = is(2)));
	peer_saw(d->p, false, &fin);
	closes(d);
	assert_int_equal(d->resets, 1);
}

static void what_was_never_opened_is_not_reset(void **state)
{
	struct dut *d = *state;

	peer_inject(d->p, SEGMENT(ACK));
	peer_expect(d->p, SEGMENT(RST));
	closes(d);
	assert_int_equal(d->resets, 0);
}

/* RFC 9293 3.10.7.4: in SYN-RECEIVED a wrong ACK gets a RST, and the state stays. */
static void a_reset_for_a_wrong_ack_ends_no_half_open_one(void **state)
{
	struct dut *d = *state;
	struct packet_tcp reset = {.seq = DUT_ISN + 1000, .flags = RST};

	peer_inject(d->p, SEGMENT(SYN));
	peer_expect(d->p, SEGMENT(SYN | ACK));
	peer_inject(d->p, SEGMENT(ACK, .ack = is(1000)));
	peer_saw(d->p, false, &reset);
	closes(d);
	assert_int_equal(d->resets, 1);
}

static void a_new_connection_has_numbers_of_its_own(void **state)
{
	struct dut *d = *state;
	const struct heard *got;

	established(d);
	peer_inject(d->p, SEGMENT(RST));
	assert_true(peer_is_over(d->p));
	peer_renew(d->p, 777);
	peer_inject(d->p, SEGMENT(SYN));
	got = peer_expect(d->p, SEGMENT(SYN | ACK, .seq = is(0), .ack = is(1)));
	assert_int_equal(got->raw_ack, 778);
	closes(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, dut_setup, dut_teardown)
		TEST(what_is_acknowledged_takes_one_reset),
		TEST(data_with_a_number_of_its_own),
		TEST(a_reset_elsewhere_closes_nothing),
		TEST(data_in_the_syn_that_is_not_taken),
		TEST(what_is_under_way_is_asked_for),
		TEST(a_challenge_is_answered),
		TEST(a_silent_dut_is_reset_wherever_it_may_be),
		TEST(an_orderly_close_is_followed_by_nothing),
		TEST(a_close_that_lacks_an_ack_is_reset),
		TEST(what_was_never_opened_is_not_reset),
		TEST(a_reset_for_a_wrong_ack_ends_no_half_open_one),
		TEST(a_new_connection_has_numbers_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
