/*
 * Finished handshakes that nobody accepts fill the listener's queue.
 *
 * With tcp_abort_on_overflow=0 the ACK that finds the queue full is ignored, and what it carries:
 * the connection stays in SYN-RECEIVED, and its SYN-ACK goes on coming until there is room. The
 * peer believes in the connection, the DUT does not. With 1 the peer gets RST. A full queue lets
 * no new SYN in either; that is how the cases see that it is full. How many it takes is not
 * judged (Linux takes one more than the backlog).
 */
#include <lastack/case.h>

FAMILY(accept_queue, "The queue of connections to accept is full");

#define BACKLOG 4
#define QUEUE_MAX 16

struct queue {
	struct peer *finished[QUEUE_MAX]; /* in the accept queue, in order */
	size_t count;
	struct peer *waiting; /* half-open since before the queue was full */
	const struct heard *syn_ack; /* its first */
};

/* Handshakes until a SYN finds the queue full; one is kept back before its ACK all the time. */
static struct queue queue_fill(struct lab *lab, long abort_on_overflow)
{
	struct queue queue = {.count = 0};

	dut_sysctl(lab, "net.ipv4.tcp_abort_on_overflow", abort_on_overflow);
	dut_listen_as(lab, .backlog = BACKLOG);
	for (;;) {
		struct peer *p = dial(lab);

		inject(p, SYN);
		if (queue.count && !peer_listen(p, ms(200)))
			break;
		if (queue.waiting) {
			check(p, queue.count < QUEUE_MAX, "a queue of %d takes %zu connections",
			      BACKLOG, queue.count);
			inject(queue.waiting, ACK);
			dut_expect_state(queue.waiting, ESTABLISHED);
			queue.finished[queue.count++] = queue.waiting;
		}
		queue.syn_ack = expect(p, SYN | ACK, .seq = is(0), .ack = is(1),
				       .when = within(ms(500)));
		queue.waiting = p;
	}
	dut_expect_queue(lab, dut_listener(lab), (unsigned)queue.count);
	return queue;
}

static void delivers(struct peer *p)
{
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	dut_expect_nothing_to_read(p);
}

CASE(third_segment_is_ignored,
     .requirement = DOC(TCP_ABORT_ON_OVERFLOW),
     .also        = {RFC9293(EV, SYNACK_RTO)},
     .claim       = "the ACK that finds the accept queue full is ignored, the SYN-ACK comes "
		    "again, and after accept() its ACK is let through",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(8))
{
	struct queue queue = queue_fill(lab, 0);
	struct peer *p = queue.waiting;

	inject(p, ACK, .seq = is(1), .ack = is(1));
	expect(p, SYN | ACK, .raw_seq = is(queue.syn_ack->raw_seq), .ack = is(1),
	       .when = about(sec(1)), .since = queue.syn_ack->rung);
	dut_expect_state(p, SYN_RECEIVED);
	dut_expect_queue(lab, dut_listener(lab), (unsigned)queue.count);
	dut_accept(queue.finished[0]);
	inject(p, ACK, .seq = is(1), .ack = is(1));
	dut_expect_state(p, ESTABLISHED);
	for (size_t i = 1; i < queue.count; i++)
		dut_accept(queue.finished[i]);
	dut_accept(p);
	delivers(p);
	delivers(queue.finished[0]);
}

CASE(data_is_ignored_too,
     .requirement = DOC(TCP_ABORT_ON_OVERFLOW),
     .also        = {RFC9293(EV, SYNACK_RTO)},
     .claim       = "data that finds the accept queue full is not acknowledged, and after "
		    "accept() it is taken when it is sent again, once",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(8))
{
	struct queue queue = queue_fill(lab, 0);
	struct peer *p = queue.waiting;

	lose(p, ACK);
	inject(p, ACK | PSH, .seq = is(1), .ack = is(1), .data = pattern(100));
	expect(p, SYN | ACK, .raw_seq = is(queue.syn_ack->raw_seq), .ack = is(1),
	       .when = about(sec(1)), .since = queue.syn_ack->rung);
	dut_expect_state(p, SYN_RECEIVED);
	for (size_t i = 0; i < queue.count; i++)
		dut_accept(queue.finished[i]);
	dut_expect_no_accept(p);
	inject(p, ACK | PSH, .seq = is(1), .ack = is(1), .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
	dut_expect_read(p, pattern(100));
	dut_expect_nothing_to_read(p);
}

struct last {
	const char *name;
	unsigned flags;
	size_t len;
};

static const struct last lasts[] = {
	{"ack", ACK, 0},
	{"data", ACK | PSH, 100},
};

CASE_EACH(abort_on_overflow, struct last, lasts,
	  .requirement = DOC(TCP_ABORT_ON_OVERFLOW),
	  .claim       = "with tcp_abort_on_overflow=1 what completes a handshake gets RST when "
			 "the accept queue is full, and those in the queue are unharmed",
	  .needs       = DUT_AGENT | SYSCTLS)
{
	struct queue queue = queue_fill(lab, 1);
	struct peer *p = queue.waiting;

	inject(p, row->flags, .seq = is(1), .ack = is(1),
	       .data = row->len ? pattern(row->len) : (struct bytes){NULL, 0});
	expect(p, RST, .seq = is(1), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, CLOSED);
	dut_expect_queue(lab, dut_listener(lab), (unsigned)queue.count);
	for (size_t i = 0; i < queue.count; i++)
		dut_accept(queue.finished[i]);
	dut_expect_no_accept(p);
	for (size_t i = 0; i < queue.count; i++)
		delivers(queue.finished[i]);
}
