#include "dut/dut.h"

const char *state_name(enum state state)
{
	static const char *const names[] = {
		[STATE_NONE] = "none",
		[LISTEN] = "LISTEN",
		[SYN_SENT] = "SYN-SENT",
		[SYN_RECEIVED] = "SYN-RECEIVED",
		[ESTABLISHED] = "ESTABLISHED",
		[FIN_WAIT_1] = "FIN-WAIT-1",
		[FIN_WAIT_2] = "FIN-WAIT-2",
		[CLOSE_WAIT] = "CLOSE-WAIT",
		[CLOSING] = "CLOSING",
		[LAST_ACK] = "LAST-ACK",
		[TIME_WAIT] = "TIME-WAIT",
		[CLOSED] = "CLOSED",
	};

	return (unsigned)state < sizeof(names) / sizeof(names[0]) ? names[state] : "none";
}

enum state state_from_linux(unsigned number)
{
	/* net/tcp_states.h. 12: SYN-RECEIVED, not a socket yet. 13: bound, and closed. */
	static const enum state states[] = {
		[1] = ESTABLISHED, [2] = SYN_SENT,    [3] = SYN_RECEIVED, [4] = FIN_WAIT_1,
		[5] = FIN_WAIT_2,  [6] = TIME_WAIT,   [7] = CLOSED,       [8] = CLOSE_WAIT,
		[9] = LAST_ACK,    [10] = LISTEN,     [11] = CLOSING,     [12] = SYN_RECEIVED,
		[13] = CLOSED,
	};

	return number < sizeof(states) / sizeof(states[0]) ? states[number] : STATE_NONE;
}
