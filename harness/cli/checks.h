/*
 * What doctor asks of a machine. Of the cli room only.
 *
 * A check tries the thing itself, in a child process where it would change the process, and never
 * concludes from a version.
 */
#ifndef CLI_CHECKS_H
#define CLI_CHECKS_H

#include "cli/cli.h"

enum answer { ANSWER_YES, ANSWER_NO, ANSWER_NOTE };

struct finding {
	enum answer answer;
	char text[400]; /* what was found */
	char way[300];	/* for a no, the way to a yes; "" for none */
	bool root;	/* lastack itself was started as root */
	int reply;	/* aside: the descriptor that it is written to */
};

struct check {
	const char *name;
	bool needed; /* without it lastack run cannot work */
	bool aside;  /* in a child process */
	void (*look)(struct finding *finding);
};

extern const struct check checks[];
extern const size_t check_count;

/* Run a check, aside where it wants that; a child that dies is a no. */
void check_run(const struct check *check, struct finding *finding);

void finding_set(struct finding *finding, enum answer answer, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void finding_way(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Aside: the finding is made. Write it and end the process. */
void finding_send(const struct finding *finding) __attribute__((noreturn));
/* A no from a reason of the lab, whose text may end with the way to a yes. */
void finding_refused(struct finding *finding, const struct why *why);

/* A finding from a reason that may end with "; " and the way to a yes. */
void finding_told(struct finding *finding, enum answer answer, const struct why *why);
/* The way to a yes where this capability is missing: for root it is not to become root. */
void finding_privilege(struct finding *finding, const char *capability);

/* checks_machine.c */
void look_kernel(struct finding *finding);
void look_capabilities(struct finding *finding);
void look_memory(struct finding *finding);
void look_descriptors(struct finding *finding);
void look_processes(struct finding *finding);
/* checks_namespace.c */
void look_user_namespace(struct finding *finding);
void look_network_namespace(struct finding *finding);
void look_packet_socket(struct finding *finding);
void look_veth(struct finding *finding);
void look_timestamps(struct finding *finding);
void look_sock_diag(struct finding *finding);
void look_sysctls(struct finding *finding);
void look_lab4(struct finding *finding);
void look_lab6(struct finding *finding);
/* checks_guest.c */
void look_virtual_time(struct finding *finding);
void look_stack_lwip(struct finding *finding);
void look_stack_slirp(struct finding *finding);

#endif
