/*
 * The loop over a wire in memory, whose other end answers as a test wants.
 */
#include "spelt.h"
#include <stdlib.h>

#define TARGET 80

static const struct mac our_mac = {{2, 0, 0, 0, 0, 1}}, their_mac = {{2, 0, 0, 0, 0, 2}};

/* What the other end does with a frame: may answer by wire_double_hear(). */
struct other_end {
	int (*respond)(struct other_end *end, const struct packet *got, struct packet *reply);
	struct wire *wire;
	struct packet held[8]; /* answers that come later than in turn */
	unsigned frames, resets, syn_at, reset_at; /* at: the number of the last one */
};

struct told {
	enum probe_event_kind kind;
	unsigned probe;
	enum match_rule rule;
	enum again again;
	bool expected;
	nanos since;
	size_t len; /* of the segment's data */
	char meaning[MEANING_MAX];
};
struct world {
	struct other_end end;
	struct told told[64];
	size_t count;
};

static void hear(struct wire *wire, nanos time, const struct packet *reply)
{
	uint8_t frame[256];
	size_t len;

	assert_int_equal(packet_encode(reply, frame, sizeof(frame), &len), 0);
	assert_int_equal(wire_double_hear(wire, time, frame, len), 0);
}

static void frame_take(void *arg, struct wire *wire, const uint8_t *frame, size_t len)
{
	struct other_end *end = arg;
	struct packet got, reply;
	int copies;

	packet_parse(frame, len, len, &got);
	end->wire = wire;
	end->frames++;
	if (got.kind != PACKET_TCP)
		return;
	if (got.tcp.flags == RST) {
		end->resets++;
		end->reset_at = got.tcp.seq;
		return;
	}
	end->syn_at = got.tcp.seq;
	reply = (struct packet){
		.kind = PACKET_TCP,
		.source_mac = their_mac,
		.dest_mac = our_mac,
		.source = got.dest,
		.dest = got.source,
		.ttl = 64,
		.tcp = {.source_port = got.tcp.dest_port, .dest_port = got.tcp.source_port,
			.seq = 1000, .ack = got.tcp.seq + 1, .flags = SYN | ACK},
	};
	copies = end->respond(end, &got, &reply);
	for (int i = 0; i < copies; i++)
		hear(wire, clock_realtime() + ms(3), &reply);
}

static void event_take(void *arg, const struct probe_event *event)
{
	struct world *world = arg;
	struct told *told = &world->told[world->count++];

	assert_true(world->count <= CASES(world->told));
	*told = (struct told){event->kind, event->probe, event->rule, event->again, event->expected,
			      event->since, event->packet ? event->packet->tcp.len : 0, ""};
	if (event->meaning)
		memcpy(told->meaning, event->meaning, strlen(event->meaning));
}

static struct probe_config config_make(struct world *world, const struct crafted *crafted)
{
	struct probe_config config = {
		.ends = {.source_mac = our_mac, .dest_mac = their_mac, .dest_port = TARGET},
		.port_low = 32768,
		.port_high = 60999,
		.crafted = crafted,
		.count = 1,
		.timeout = ms(20),
		.seed = 7,
		.interrupted = -1,
		.arg = world, .event = event_take,
	};

	assert_int_equal(address_parse("192.0.2.1", &config.ends.source), 0);
	assert_int_equal(address_parse("192.0.2.2", &config.ends.dest), 0);
	assert_int_equal(wire_double(&config.wire, frame_take, &world->end), 0);
	return config;
}

static struct probe_summary run(const struct probe_config *config)
{
	struct probe_summary summary;
	struct why why = {.text = ""};

	if (probe_run(config, &summary, &why))
		fail_msg("%s", why.text);
	wire_free(config->wire, true);
	free(summary.rtts);
	summary.rtts = NULL;
	return summary;
}

static int answers(struct other_end *end, const struct packet *got, struct packet *reply)
{
	(void)end;
	(void)got;
	(void)reply;
	return 1;
}

static const struct crafted a_syn = {.tcp = {.flags = SYN}};

static void an_open_port(void **state)
{
	struct world world = {.end.respond = answers};
	struct probe_config config = config_make(&world, &a_syn);
	struct probe_summary summary = run(&config);

	(void)state;
	assert_int_equal(world.count, 3);
	assert_int_equal(world.told[0].kind, PROBE_SENT);
	assert_int_equal(world.told[1].kind, PROBE_REPLY);
	assert_int_equal(world.told[1].rule, RULE_ACK);
	assert_true(world.told[1].expected);
	assert_string_equal(world.told[1].meaning, "open");
	assert_int_equal(world.told[2].kind, PROBE_RESET);
	assert_int_equal(world.end.resets, 1);
	assert_int_equal(summary.sent, 1);
	assert_int_equal(summary.answered, 1);
	assert_int_equal(summary.unexpected, 0);
}

static int silent(struct other_end *end, const struct packet *got, struct packet *reply)
{
	(void)end;
	(void)got;
	(void)reply;
	return 0;
}

static void silence_costs_the_timeout(void **state)
{
	struct world world = {.end.respond = silent};
	struct probe_config config = config_make(&world, &a_syn);
	nanos began = clock_monotonic(), took;
	struct probe_summary summary = run(&config);

	(void)state;
	took = clock_monotonic() - began;
	assert_int_equal(world.count, 3); /* a SYN-ACK may still be under way */
	assert_int_equal(world.told[1].kind, PROBE_SILENCE);
	assert_int_equal(world.told[2].kind, PROBE_RESET);
	assert_int_equal(world.end.resets, 1);
	assert_int_equal(world.end.reset_at, world.end.syn_at + 1);
	assert_int_equal(summary.unanswered, 1);
	assert_true(took >= ms(20));
	assert_true(took < ms(500));
}

/* What is wrong in itself, and what is no SYN, opens nothing. */
static void what_opens_nothing_is_not_reset(void **state)
{
	static const struct crafted rows[] = {
		{.tcp = {.flags = SYN, .lies = LIE_BAD_CHECKSUM}},
		{.tcp = {.flags = SYN, .ttl = {SPAN_IS, 1, 1}}},
		{.tcp = {.flags = ACK}}, {.tcp = {.flags = SYN | ACK}},
	};

	(void)state;
	for (size_t i = 0; i < CASES(rows); i++) {
		struct world world = {.end.respond = silent};
		struct probe_config config = config_make(&world, &rows[i]);

		run(&config);
		assert_int_equal(world.end.resets, 0);
	}
}

static int off(struct other_end *end, const struct packet *got, struct packet *reply)
{
	(void)end;
	(void)got;
	reply->tcp.ack += 1000;
	return 1;
}

static void a_wrong_syn_ack_is_reset_at_its_number(void **state)
{
	struct world world = {.end.respond = off};
	const struct probe_config config = config_make(&world, &a_syn);

	(void)state;
	run(&config);
	assert_int_equal(world.end.resets, 1);
	assert_int_equal(world.end.reset_at, world.end.syn_at + 1001);
}

static int twice(struct other_end *end, const struct packet *got, struct packet *reply)
{
	(void)end;
	(void)got;
	reply->ip_id = 77;
	return 2;
}

static void a_duplicate_is_no_answer_to_the_next(void **state)
{
	struct world world = {.end.respond = twice};
	struct probe_config config = config_make(&world, &a_syn);
	struct probe_summary summary;

	(void)state;
	config.count = 3;
	config.leave = true;
	summary = run(&config);
	assert_int_equal(world.count, 9);
	for (unsigned i = 0; i < 9; i += 3) {
		assert_int_equal(world.told[i + 1].kind, PROBE_REPLY);
		assert_int_equal(world.told[i + 2].kind, PROBE_AGAIN);
		assert_int_equal(world.told[i + 2].again, AGAIN_DUPLICATE);
		assert_int_equal(world.told[i + 1].probe, i / 3 + 1);
		assert_int_equal(world.told[i + 2].probe, i / 3 + 1);
	}
	assert_int_equal(summary.answered, 3);
	assert_int_equal(summary.duplicates, 3);
}

/* Each probe is answered when the next one comes, all on one source port. */
static int one_late(struct other_end *end, const struct packet *got, struct packet *reply)
{
	struct packet now = *reply;

	(void)got;
	if (end->frames == 1) {
		end->held[0] = now;
		return 0;
	}
	*reply = end->held[0];
	end->held[0] = now;
	return 1;
}

static void an_answer_finds_its_own_probe(void **state)
{
	struct world world = {.end.respond = one_late};
	struct probe_config config = config_make(&world, &a_syn);
	struct probe_summary summary;
	unsigned replies = 0;

	(void)state;
	config.count = 4;
	config.leave = true;
	config.ends.source_port = 4242;
	summary = run(&config);
	for (size_t i = 0; i < world.count; i++)
		if (world.told[i].kind == PROBE_REPLY) {
			replies++;
			assert_int_equal(world.told[i].probe, replies);
			assert_int_equal(world.told[i].rule, RULE_ACK);
		}
	assert_int_equal(replies, 3);
	assert_int_equal(summary.unanswered, 1);
}

/* Numbers of another connection: with one probe on the port that is an answer, with two a guess. */
static int stranger(struct other_end *end, const struct packet *got, struct packet *reply)
{
	(void)end;
	(void)got;
	reply->tcp.flags = ACK;
	reply->tcp.ack += 12345;
	return 1;
}

static void nothing_is_guessed(void **state)
{
	struct world world = {.end.respond = stranger};
	struct probe_config config = config_make(&world, &a_syn);
	struct probe_summary summary = run(&config);

	(void)state;
	assert_int_equal(summary.answered, 1);
	assert_int_equal(world.told[1].rule, RULE_PORTS);
	assert_string_equal(world.told[1].meaning, "challenge ACK");

	world = (struct world){.end.respond = stranger};
	config = config_make(&world, &a_syn);
	config.count = 2;
	config.ends.source_port = 4242;
	summary = run(&config);
	assert_int_equal(summary.answered, 1);
	assert_int_equal(summary.strays, 1);
	assert_int_equal(summary.unanswered, 1);
}

static int broken(struct other_end *end, const struct packet *got, struct packet *reply)
{
	(void)end;
	(void)got;
	reply->tcp.data_offset = 3;
	return 1;
}

static void what_cannot_be_read_is_shown(void **state)
{
	struct world world = {.end.respond = broken};
	struct probe_config config = config_make(&world, &a_syn);
	struct probe_summary summary = run(&config);

	(void)state;
	assert_int_equal(summary.malformed, 1);
	assert_int_equal(summary.unexpected, 1);
	assert_string_equal(world.told[1].meaning, "malformed: TCP data offset below 5");
	assert_int_equal(world.end.resets, 1); /* it may have been a SYN-ACK */
}

static void a_judged_reply(void **state)
{
	struct world world = {.end.respond = answers};
	struct probe_config config = config_make(&world, &a_syn);
	struct expectation expect;
	struct probe_summary summary;
	struct why why;

	(void)state;
	assert_int_equal(spell_expectation("", "RA", &expect, &why), 0);
	config.expect = &expect;
	summary = run(&config);
	assert_int_equal(summary.unexpected, 1);
	assert_false(world.told[1].expected);
}

static void a_lossy_capture_is_an_error(void **state)
{
	struct world world = {.end.respond = answers};
	struct probe_config config = config_make(&world, &a_syn);
	struct probe_summary summary;
	struct why why;

	(void)state;
	wire_double_drop(config.wire, 2);
	assert_int_equal(probe_run(&config, &summary, &why), -EIO);
	assert_string_equal(why.text, "the capture dropped 2 frames");
	assert_int_equal(summary.answered, 1);
	summary_free(&summary);
	wire_free(config.wire, true);
}

static void fragments_are_one_probe(void **state)
{
	struct world world = {.end.respond = silent};
	const struct crafted crafted = {.tcp = {.flags = ACK, .data = pattern(100)},
					.fragment = 48};
	struct probe_config config = config_make(&world, &crafted);
	struct probe_summary summary = run(&config);

	(void)state;
	assert_int_equal(world.end.frames, 3);
	assert_int_equal(world.count, 2);
	assert_int_equal(world.told[0].kind, PROBE_SENT);
	assert_int_equal(world.told[0].len, 100);
	assert_int_equal(summary.sent, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_open_port),
		cmocka_unit_test(silence_costs_the_timeout),
		cmocka_unit_test(what_opens_nothing_is_not_reset),
		cmocka_unit_test(a_wrong_syn_ack_is_reset_at_its_number),
		cmocka_unit_test(a_duplicate_is_no_answer_to_the_next),
		cmocka_unit_test(an_answer_finds_its_own_probe),
		cmocka_unit_test(nothing_is_guessed),
		cmocka_unit_test(what_cannot_be_read_is_shown),
		cmocka_unit_test(a_judged_reply),
		cmocka_unit_test(a_lossy_capture_is_an_error),
		cmocka_unit_test(fragments_are_one_probe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
