/*
 * Conversations of probe: what the peer room tells becomes a ladder, and its verdict the end.
 */
#include "cli/probe.h"
#include "lab/lab.h"
#include "peer/peer.h"
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Packet sockets take many milliseconds to close. A child has them too: it waits until this process
 * is gone, and its own end closes them then, which nobody waits for.
 */
void probe_exit(int status)
{
	int ends[2] = {-1, -1};

	if (fflush(stdout) || ferror(stdout))
		status = complain(EXIT_HARNESS, "standard output cannot be written");
	if (!pipe(ends) && !fork()) {
		char byte;

		close(ends[1]);
		for (int fd = 0; fd <= 2; fd++)
			close(fd);
		while (read(ends[0], &byte, 1) > 0)
			;
		_exit(0);
	}
	_exit(status);
}

static const char *rung_kind_name(enum rung_kind kind)
{
	static const char *const names[] = {
		[RUNG_SENT] = "sent",	      [RUNG_LOST] = "lost",   [RUNG_HEARD] = "heard",
		[RUNG_HEARD_LOST] = "heard-lost", [RUNG_SILENCE] = "silence", [RUNG_CALL] = "call",
		[RUNG_STATE] = "state",	      [RUNG_STRAY] = "stray", [RUNG_MISSING] = "missing",
	};

	return names[kind];
}

static void rung_take(void *arg, const struct rung *rung)
{
	struct probe_world *world = arg;
	struct event_rung told = {
		.number = (int)++world->rungs,
		.kind = rung_kind_name(rung->kind),
		.peer = rung->peer,
		.text = rung->text,
		.want = rung->want,
		.broken = rung->broken,
	};

	/* How the lab's listener came to be is not part of the conversation. */
	if (!rung->peer && rung->kind == RUNG_CALL)
		return;
	if (!world->began)
		world->began = rung->time;
	told.time = rung->time - world->began;
	if (rung->broken)
		world->missing = rung->kind == RUNG_MISSING;
	ladder_add(world->ladder, &told);
}

static void waiting_take(void *arg, const char *what, nanos until)
{
	(void)arg;
	(void)what;
	(void)until;
}

static void idle_take(void *arg)
{
	(void)arg;
}

void probe_ladder_print(const struct probe_world *world, FILE *out)
{
	struct buffer drawn = {.at = NULL};

	ladder_text(world->ladder, &drawn, false);
	fputs(drawn.failed || !drawn.at ? "" : drawn.at, out);
	buffer_free(&drawn);
}

static void __attribute__((noreturn))
verdict_take(void *arg, bool broken, enum verdict verdict, int line, const char *message)
{
	struct probe_world *world = arg;

	(void)line;
	if (!broken) {
		complain(0, "%s: %s", verdict_name(verdict), message);
		probe_ladder_print(world, stdout);
		probe_exit(EXIT_HARNESS);
	}
	probe_ladder_print(world, stdout);
	printf("--- %s: not as expected: %s\n", world->target, message);
	probe_exit(world->missing ? EXIT_SILENCE : EXIT_UNEXPECTED);
}

struct observer probe_observer(struct probe_world *world)
{
	return (struct observer){.arg = world, .rung = rung_take, .waiting = waiting_take,
				 .verdict = verdict_take, .idle = idle_take};
}
