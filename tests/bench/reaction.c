/*
 * How fast the peer answers: from a SYN-ACK's capture timestamp to that of our ACK, over a thousand
 * handshakes in one lab. Prints microseconds.
 */
#include "lab/lab.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANDSHAKES 1000

static void on_rung(void *arg, const struct rung *rung)
{
	(void)arg;
	(void)rung;
}

static void on_waiting(void *arg, const char *what, nanos until)
{
	(void)arg;
	(void)what;
	(void)until;
}

static void on_idle(void *arg)
{
	(void)arg;
}

static void __attribute__((noreturn)) on_verdict(void *arg, bool broken, enum verdict verdict,
						 int line, const char *message)
{
	(void)arg;
	(void)line;
	fprintf(stderr, "%s: %s\n", broken ? "broken" : verdict_name(verdict), message);
	exit(1);
}

static int nanos_compare(const void *a, const void *b)
{
	nanos x = *(const nanos *)a, y = *(const nanos *)b;

	return (x > y) - (x < y);
}

static nanos handshake(struct lab *lab)
{
	struct peer *p = dial(lab);
	const struct heard *synack;
	nanos reaction;
	int ack;

	inject(p, SYN);
	synack = expect(p, SYN | ACK, .ack = is(1));
	ack = inject(p, ACK);
	reaction = rung_time(p, ack) - synack->time;
	dut_accept(p);
	dut_abort(p);
	expect(p, RST | ACK);
	return reaction;
}

int main(void)
{
	static nanos all[HANDSHAKES];
	struct lab_config config = {.seed = 1, .time_scale = 1,
		.observer = {NULL, on_rung, on_waiting, on_verdict, on_idle}};
	struct lab *lab;
	struct why why;

	for (uint8_t family = 4; family <= 6; family = (uint8_t)(family + 2)) {
		pid_t child = fork();

		if (child) {
			waitpid(child, NULL, 0);
			continue;
		}
		config.family = family;
		if (lab_become_root(&why) || lab_open(&lab, &config, &why)) {
			fprintf(stderr, "%s\n", why.text);
			return 4;
		}
		for (int i = 0; i < HANDSHAKES; i++)
			all[i] = handshake(lab);
		qsort(all, HANDSHAKES, sizeof(all[0]), nanos_compare);
		printf("reaction ipv%u: min %.1f  p50 %.1f  p99 %.1f  max %.1f us of %d\n",
		       family, (double)all[0] / 1e3, (double)all[HANDSHAKES / 2] / 1e3,
		       (double)all[HANDSHAKES * 99 / 100] / 1e3,
		       (double)all[HANDSHAKES - 1] / 1e3, HANDSHAKES);
		return 0;
	}
	return 0;
}
