/* The client's side of an agent, spawned or over TCP. Private to the room. */
#ifndef DUT_CLIENT_H
#define DUT_CLIENT_H

#include "dut/dut.h"
#include "dut/remote_clock.h"

struct agent {
	int fd;
	pid_t pid;       /* 0: reaped, or over TCP */
	int status;      /* of waitpid(), once it is; -1: another took it */
	char *where;     /* of one over TCP; NULL otherwise */
	uint32_t newest; /* id of the last call */
	uint32_t open;   /* calls without an answer yet */
	bool greeted;    /* its hello came */
	bool unasked;    /* the last reply was to no call */
	bool ended;      /* no more will be received */
	bool broken;     /* a call was sent in part, or a reply broke the protocol */
	struct buffer out, in;
	size_t used;                  /* bytes of in that the last reply points into */
	struct agent_storage storage; /* its strings */
	nanos asked;                  /* when the newest call was sent; real time */
	struct remote_clock clock;
};

#endif
