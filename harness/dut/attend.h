/*
 * One client of an agent over TCP: the process that attends to it, and how that talks to the
 * listening one, its parent. Private to the room.
 */
#ifndef DUT_ATTEND_H
#define DUT_ATTEND_H

#include "dut/dut.h"

/* What the parent is asked or told, a packet each. It answers all but the refusal, by the same. */
enum word_kind {
	/* The token is right -> value: sysctls that may be set; error: EUSERS, too many served. */
	WORD_ADMIT,
	WORD_SYSCTL,  /* text, value -> error, text: why */
	WORD_REFUSED, /* text: why the client was refused; the end */
};
struct word {
	enum word_kind kind;
	int error; /* errno, or 0 */
	int64_t value;
	char text[sizeof(((struct why *)0)->text)]; /* NUL-terminated */
};

/*
 * In a child of parent: on the connection conn, ask for the token, then serve. control is the
 * socket to the parent.
 */
_Noreturn void attend_run(int conn, int control, pid_t parent, struct agent_token *token);

#endif
