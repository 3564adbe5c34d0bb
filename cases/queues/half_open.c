/*
 * More half-open connections than the listener remembers, without SYN cookies.
 *
 * The RFCs have no queues; RFC 4987 describes the attack. What Linux promises: it remembers no
 * more than tcp_max_syn_backlog half-open connections a listener, and with tcp_syncookies=0 drops
 * the SYNs beyond. How many it admits below that depends on the backlog (n admits n + 1) and on a
 * reserve for known peers, and is not judged.
 */
#include <lastack/case.h>

FAMILY(half_open, "The queue of half-open connections is full");

#define LIMIT 4
#define MANY 50

struct queue {
	struct peer *admitted[LIMIT + 1];
	size_t count;
	struct peer *refused; /* the first whose SYN was dropped */
};

static struct queue queue_fill(struct lab *lab)
{
	struct queue queue = {.count = 0};

	dut_sysctl(lab, "net.ipv4.tcp_syncookies", 0);
	dut_sysctl(lab, "net.ipv4.tcp_max_syn_backlog", LIMIT);
	dut_listen_as(lab, .backlog = LIMIT);
	while (queue.count <= LIMIT) {
		struct peer *p = dial(lab);

		inject(p, SYN);
		if (queue.count && !peer_listen(p, ms(200))) {
			queue.refused = p;
			break;
		}
		expect(p, SYN | ACK, .seq = is(0), .ack = is(1), .when = within(ms(500)));
		dut_expect_state(p, SYN_RECEIVED);
		queue.admitted[queue.count++] = p;
	}
	check(queue.admitted[0], queue.refused,
	      "a %zuth half-open connection was admitted, where tcp_max_syn_backlog is %d",
	      queue.count, LIMIT);
	return queue;
}

static void completes(struct peer *p)
{
	inject(p, ACK, .seq = is(1), .ack = is(1));
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
	/* A SYN-ACK may have come again while the queue was watched. */
	peer_forget(p);
	inject(p, ACK | PSH, .seq = is(1), .ack = is(1), .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
}

CASE(overflow_drops_the_syn,
     .requirement = DOC(TCP_SYNCOOKIES),
     .claim       = "with tcp_syncookies=0 a SYN that finds the queue full is dropped; those "
		    "admitted complete, and then there is room for it",
     .needs       = DUT_AGENT | SYSCTLS | OWN_DUT,
     .budget      = sec(10))
{
	struct queue queue = queue_fill(lab);

	expect_silence(queue.refused, sec(3));
	dut_expect_state(queue.refused, CLOSED);
	for (size_t i = 0; i < queue.count; i++)
		dut_expect_state(queue.admitted[i], SYN_RECEIVED);
	for (size_t i = 0; i < queue.count; i++)
		completes(queue.admitted[i]);
	inject(queue.refused, SYN, .seq = is(0));
	expect(queue.refused, SYN | ACK, .seq = is(0), .ack = is(1), .when = within(ms(500)));
	completes(queue.refused);
}

CASE(flood_leaves_the_admitted_alone,
     .requirement = DOC(TCP_SYNCOOKIES),
     .claim       = "with tcp_syncookies=0 a flood of 50 SYNs is dropped without a word, and "
		    "those admitted before it complete",
     .needs       = DUT_AGENT | SYSCTLS | OWN_DUT)
{
	struct queue queue = queue_fill(lab);
	struct peer *flood[MANY];
	int syns[MANY];

	for (size_t i = 0; i < MANY; i++) {
		flood[i] = dial(lab);
		syns[i] = inject(flood[i], SYN);
	}
	for (size_t i = 0; i < MANY; i++)
		expect_silence_until(flood[i], syns[i], ms(500));
	for (size_t i = 0; i < queue.count; i++)
		completes(queue.admitted[i]);
	for (size_t i = 0; i < MANY; i++)
		dut_expect_state(flood[i], CLOSED);
}
