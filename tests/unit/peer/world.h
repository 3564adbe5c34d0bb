/*
 * A world of one peer and a DUT of a few lines, over the wire in memory. A verdict ends no process:
 * it comes back to the test's setjmp(w->end).
 */
#ifndef UNIT_PEER_WORLD_H
#define UNIT_PEER_WORLD_H

#include "peer/peer.h"
#include "verdict/verdict.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	struct break_facts facts;
	char message[3072];
	int line;
	struct told rungs[64];
	int count;
	struct heard_options sent; /* of the last segment that left */
	uint8_t left[1024]; /* the last ICMP message that left */
	size_t left_len;
	uint32_t lie; /* added to the acknowledgement of each answer */
	uint32_t back; /* taken from the sequence number of each answer */
	bool mute, garbage;
	bool stranger; /* what it says comes from another hardware address */
	bool flood; /* rungs are not noted */
	bool timestamps; /* the DUT's SYN and SYN-ACK have the option, with TSval 7 */
	uint8_t wscale;  /* they have this option, where it is not 0 */
	bool ecn;        /* its SYN-ACK has ECE */
	nanos late; /* an answer's timestamp is this much after its cause */
};

static const struct address peer_ip = {4, {192, 0, 2, 1}}, dut_ip = {4, {192, 0, 2, 2}};
static const struct mac peer_mac = {{2, 0, 0, 0, 0, 1}}, dut_mac = {{2, 0, 0, 0, 0, 2}};

static inline void on_rung(void *arg, const struct rung *rung)
{
	struct world *w = arg;
	struct told *told;

	if (w->flood)
		return;
	told = &w->rungs[w->count++];
	assert_true(w->count < 64);
	told->kind = rung->kind;
	told->broken = rung->broken;
	snprintf(told->text, sizeof(told->text), "%s", rung->text);
	snprintf(told->want, sizeof(told->want), "%s", rung->want ? rung->want : "");
}

static inline void on_waiting(void *arg, const char *what, nanos until)
{
	(void)arg;
	(void)what;
	(void)until;
}

static inline void on_idle(void *arg)
{
	(void)arg;
}

static inline void __attribute__((noreturn))
on_verdict(void *arg, bool broken, enum verdict verdict, int line, const char *message)
{
	struct world *w = arg;
	struct judgement made;

	/* What the facts make of it, as in a run. */
	w->facts = exchange_facts(w->x);
	assert_true(broken == (w->facts.kind != BREAK_NONE));
	made = verdict_decide(&(struct verdict_input){.end = END_TOLD, .told = verdict,
						      .facts = &w->facts, .message = message});
	w->broken = broken && made.verdict == VERDICT_FAIL;
	w->verdict = made.verdict;
	w->line = line;
	snprintf(w->message, sizeof(w->message), "%s", made.message);
	longjmp(w->end, 1);
}

static inline void dut_says(struct world *w, const struct packet *cause, unsigned flags,
			    uint32_t seq, uint32_t ack)
{
	struct packet answer = {.kind = PACKET_TCP, .source_mac = dut_mac, .dest_mac = peer_mac,
		.source = dut_ip, .dest = peer_ip, .ttl = 64};
	uint8_t frame[256];
	size_t len;

	answer.tcp = (struct packet_tcp){.source_port = cause->tcp.dest_port,
		.dest_port = cause->tcp.source_port, .seq = seq - w->back, .ack = ack + w->lie,
		.flags = (uint16_t)flags, .window = 1000};
	if (w->timestamps && flags & SYN) {
		const struct option option = opt_timestamps(7, 0);

		assert_int_equal(options_encode(&option, 1, answer.tcp.options, &len), 0);
		answer.tcp.option_bytes = (uint8_t)len;
	}
	if (w->wscale && flags & SYN) {
		const struct option option = opt_wscale(w->wscale);

		assert_int_equal(options_encode(&option, 1, answer.tcp.options, &len), 0);
		answer.tcp.option_bytes = (uint8_t)len;
	}
	if (w->stranger)
		answer.source_mac.at[5] ^= 0x40;
	assert_int_equal(packet_encode(&answer, frame, sizeof(frame), &len), 0);
	if (w->garbage)
		frame[14 + 20 + 12] = 0x10; /* a data offset of one word */
	assert_int_equal(wire_double_hear(w->wire, clock_realtime() + w->late, frame, len), 0);
}

/* A DUT that answers SYN with SYN-ACK and data with ACK. */
static inline void on_send(void *arg, struct wire *wire, const uint8_t *frame, size_t len)
{
	struct world *w = arg;
	struct packet packet;

	(void)wire;
	packet_parse(frame, len, len, &packet);
	if (packet.kind == PACKET_ICMP) {
		assert_true(len <= sizeof(w->left));
		memcpy(w->left, frame, len);
		w->left_len = len;
		return;
	}
	assert_int_equal(packet.kind, PACKET_TCP);
	options_decode(packet.tcp.options, packet.tcp.option_bytes, &w->sent);
	if (w->mute)
		return;
	if (packet.tcp.flags & SYN)
		dut_says(w, &packet, SYN | ACK | (w->ecn ? ECE : 0u), DUT_ISN,
			 packet.tcp.seq + 1);
	else if (packet.tcp.len)
		dut_says(w, &packet, ACK, DUT_ISN + 1, packet.tcp.seq + (uint32_t)packet.tcp.len);
}

static inline int setup_as(void **state, bool rehearsal, struct exchange_path path)
{
	struct world *w = calloc(1, sizeof(*w));
	struct exchange_config config = {.observer = {w, on_rung, on_waiting, on_verdict, on_idle},
		.peer_address = peer_ip, .dut_address = dut_ip, .peer_mac = peer_mac,
		.dut_mac = dut_mac, .seed = 1, .time_scale = 1, .rehearsal = rehearsal,
		.path = path};
	struct why why;

	assert_non_null(w);
	assert_int_equal(wire_double(&w->wire, on_send, w), 0);
	config.wire = w->wire;
	assert_int_equal(exchange_new(&w->x, &config, &why), 0);
	w->p = peer_new(w->x, 40000, 80, PEER_ISN);
	*state = w;
	return 0;
}

static inline int setup(void **state)
{
	return setup_as(state, false, (struct exchange_path){.rtt = 0});
}

static inline int setup_rehearsal(void **state)
{
	return setup_as(state, true, (struct exchange_path){.rtt = 0});
}

static inline int teardown(void **state)
{
	struct world *w = *state;

	exchange_free(w->x);
	wire_free(w->wire, true);
	free(w);
	return 0;
}

/* The capture can be judged by. */
static inline void capture_is_sound(const struct world *w)
{
	const struct break_facts facts = exchange_facts(w->x);
	char fault[200];

	assert_null(verdict_capture_fault(&facts, fault, sizeof(fault)));
}

#define SEGMENT(...) (&(struct segment){.flags = __VA_ARGS__})

#endif
