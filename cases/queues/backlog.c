/*
 * How many half-open connections a listener remembers follows its backlog.
 *
 * RFC 4987 section 3.2 names a larger backlog as the simplest defence against SYN floods. It is one
 * if as many half-open connections as it says are kept, and each can be completed.
 */
#include <lastack/case.h>

FAMILY(backlog, "A larger backlog keeps more half-open connections");

#define ROOM_MAX 64

struct room {
	const char *name;
	int backlog;
};

static const struct room rooms[] = {
	{"of_8", 8},
	{"of_32", 32},
	{"of_64", ROOM_MAX},
};

CASE_EACH(holds_as_many, struct room, rooms,
	  .requirement = RFC(4987, 1),
	  .also        = {RFC(4987, 4)},
	  .judged_as   = LEVEL_MUST,
	  .claim       = "without cookies a listener keeps as many half-open connections as its "
			 "backlog says, and each of them completes",
	  .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *peers[ROOM_MAX];

	dut_sysctl(lab, "net.ipv4.tcp_syncookies", 0);
	dut_listen_as(lab, .backlog = row->backlog);
	for (int i = 0; i < row->backlog; i++) {
		peers[i] = dial(lab);
		inject(peers[i], SYN);
		expect(peers[i], SYN | ACK, .seq = is(0), .ack = is(1), .when = within(ms(500)));
	}
	for (int i = 0; i < row->backlog; i++)
		dut_expect_state(peers[i], SYN_RECEIVED);
	for (int i = row->backlog - 1; i >= 0; i--) {
		inject(peers[i], ACK, .seq = is(1), .ack = is(1));
		dut_expect_state(peers[i], ESTABLISHED);
	}
	dut_expect_queue(lab, dut_listener(lab), (unsigned)row->backlog);
}
