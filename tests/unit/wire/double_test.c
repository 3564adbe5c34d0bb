/*
 * The wire in memory behaves as the real one: frames come in order, ours among them.
 */
#include "packets.h"

struct answers {
	int sent;
	nanos when;
	uint8_t last[128];
	size_t len;
};

/* Answers each frame with one byte more than were sent so far. */
static void answer(void *arg, struct wire *wire, const uint8_t *frame, size_t len)
{
	struct answers *answers = arg;
	uint8_t reply[64] = {0};

	assert_true(len <= sizeof(answers->last));
	memcpy(answers->last, frame, len);
	answers->len = len;
	answers->sent++;
	reply[0] = (uint8_t)answers->sent;
	assert_int_equal(wire_double_hear(wire, answers->when, reply, 20 + (size_t)answers->sent),
			 0);
}

static void what_is_sent_is_heard_before_its_answer(void **state)
{
	struct answers answers = {.when = sec(5)};
	struct wire *wire = double_open(answer, &answers);
	const struct packet packet = syn_of(6);
	const nanos before = clock_realtime();
	const uint8_t *sent;
	struct frame frame;
	size_t len;

	(void)state;
	assert_false(readable(wire));
	assert_int_equal(wire_send(wire, &packet, &sent, &len, NULL), 0);
	assert_int_equal(answers.sent, 1);
	assert_int_equal(answers.len, len);
	assert_memory_equal(answers.last, sent, len);

	assert_true(readable(wire));
	assert_int_equal(wire_next(wire, &frame, NULL), 1);
	assert_true(frame.outgoing);
	assert_in_range(frame.time, before, clock_realtime());
	assert_int_equal(frame.len, len);
	assert_int_equal(frame.captured, len);
	assert_memory_equal(frame.bytes, sent, len);

	assert_true(readable(wire));
	assert_int_equal(wire_next(wire, &frame, NULL), 1);
	assert_false(frame.outgoing);
	assert_int_equal(frame.time, sec(5));
	assert_int_equal(frame.len, 21);
	assert_int_equal(frame.bytes[0], 1);

	assert_false(readable(wire));
	assert_int_equal(wire_next(wire, &frame, NULL), 0);
	/* It fills again after it was empty. */
	assert_int_equal(wire_send(wire, &packet, NULL, NULL, NULL), 0);
	assert_true(readable(wire));
	wire_free(wire, true);
}

static void ready_bytes_are_sent_as_they_are(void **state)
{
	struct answers answers = {0};
	struct wire *wire = double_open(answer, &answers);
	static uint8_t huge[65535 + 14 + 1];
	uint8_t bytes[60];
	struct frame frame;
	struct why why;

	(void)state;
	memset(bytes, 0x5a, sizeof(bytes));
	assert_int_equal(wire_send_bytes(wire, bytes, sizeof(bytes), &why), 0);
	assert_int_equal(answers.len, sizeof(bytes));
	assert_memory_equal(answers.last, bytes, sizeof(bytes));
	assert_int_equal(wire_next(wire, &frame, &why), 1);
	assert_true(frame.outgoing);
	assert_memory_equal(frame.bytes, bytes, sizeof(bytes));
	assert_int_equal(wire_send_bytes(wire, bytes, 13, &why), -EINVAL);
	assert_int_equal(wire_send_bytes(wire, huge, sizeof(huge), &why), -EMSGSIZE);
	assert_int_equal(answers.sent, 1);
	wire_free(wire, true);
}

static void many_frames_keep_their_order(void **state)
{
	struct wire *wire = double_open(NULL, NULL);
	struct frame frame;
	uint8_t bytes[40] = {0};

	(void)state;
	for (int i = 0; i < 1000; i++) {
		bytes[0] = (uint8_t)i;
		assert_int_equal(wire_double_hear(wire, ms(i), bytes, sizeof(bytes)), 0);
	}
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(wire_next(wire, &frame, NULL), 1);
		assert_int_equal(frame.time, ms(i));
		assert_int_equal(frame.bytes[0], (uint8_t)i);
	}
	assert_int_equal(wire_next(wire, &frame, NULL), 0);
	/* Frames that nobody took are freed with the wire: the sanitizer looks. */
	assert_int_equal(wire_double_hear(wire, 0, bytes, sizeof(bytes)), 0);
	wire_free(wire, false);
	wire_free(NULL, true);
}

static void drops_are_counted(void **state)
{
	struct wire *wire = double_open(NULL, NULL);
	unsigned dropped = 7;

	(void)state;
	assert_int_equal(wire_dropped(wire, &dropped), 0);
	assert_int_equal(dropped, 0);
	wire_double_drop(wire, 2);
	wire_double_drop(wire, 3);
	assert_int_equal(wire_dropped(wire, &dropped), 0);
	assert_int_equal(dropped, 5);
	assert_int_equal(wire_capture_end(wire, NULL), 0);
	wire_free(wire, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sent_is_heard_before_its_answer),
		cmocka_unit_test(ready_bytes_are_sent_as_they_are),
		cmocka_unit_test(many_frames_keep_their_order),
		cmocka_unit_test(drops_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
