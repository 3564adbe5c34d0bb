/*
 * Conversations of probe: what the peer room tells becomes a ladder, and its verdict the end.
 */
#include "cli/probe.h"
#include "peer/peer.h"
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long the target is given to say whether a connection is closed. */
#define CLOSE_PATIENCE ms(300)

void probe_leave(struct probe_world *world)
{
	if (world->port && !world->left && !world->input->leave)
		exchange_close(lab_exchange(world->lab), CLOSE_PATIENCE);
	world->left = true;
}

/*
 * Packet sockets take many milliseconds to close. A child has them too: it waits until this process
 * is gone, and its own end closes them then, which nobody waits for.
 */
void probe_exit(struct probe_world *world, int status)
{
	int ends[2] = {-1, -1};

	if (fflush(stdout) || ferror(stdout))
		status = complain(EXIT_HARNESS, "standard output cannot be written");
	probe_leave(world);
	/* The keeper must not reset what was said to be left. */
	if (world->keeper && world->port)
		link_note_closed(world->keeper, world->port);
	/* The next command may want the same address or port, and the table is gone by then. */
	if (world->keeper)
		link_keeper_stop(world->keeper);
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

/* One line; what cannot be made is left out, as in a run's events. */
static void object_print(json_t *object)
{
	char *line = object ? json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII |
						 JSON_REAL_PRECISION(15)) : NULL;

	if (line)
		puts(line);
	free(line);
	json_decref(object);
}

static void rung_json(const struct event_rung *rung)
{
	json_t *object = json_pack("{s:s, s:i, s:s, s:f, s:s}", "event", "rung", "number",
				   rung->number, "kind", rung->kind, "seconds",
				   (double)rung->time / 1e9, "text", rung->text);

	if (object && rung->want) {
		json_object_set_new(object, "want", json_string(rung->want));
		json_object_set_new(object, "expected", json_boolean(!rung->broken));
	}
	object_print(object);
}

static void rung_take(void *arg, const struct rung *rung)
{
	struct probe_world *world = arg;
	struct event_rung told = {
		.number = (int)world->rungs + 1,
		.kind = rung_kind_name(rung->kind),
		.peer = rung->peer,
		.text = rung->text,
		.want = rung->want,
		.broken = rung->broken,
	};

	/* How the lab's listener came to be is not part of the conversation. */
	if (!rung->peer && rung->kind == RUNG_CALL)
		return;
	/* Left before the capture could show it: the end came at once. */
	if (!rung->time)
		return;
	world->rungs++;
	if (!world->began)
		world->began = rung->time;
	told.time = rung->time - world->began;
	if (rung->broken)
		world->missing = rung->kind == RUNG_MISSING;
	world->icmp |= rung->error;
	if (world->input->json)
		rung_json(&told);
	else
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
	fflush(stdout);
}

void probe_ladder_print(const struct probe_world *world)
{
	struct buffer drawn = {.at = NULL};

	if (world->input->json)
		return;
	ladder_text(world->ladder, &drawn, false);
	fputs(drawn.failed || !drawn.at ? "" : drawn.at, stdout);
	buffer_free(&drawn);
}

void probe_ending_print(const struct probe_world *world, const char *how, const char *message)
{
	if (world->input->json)
		object_print(json_pack("{s:s, s:s, s:s, s:s}", "event", "summary", "target",
				       world->target, "ending", how, "message", message));
	else
		printf("--- %s: %s%s%s\n", world->target, how, *message ? ": " : "", message);
}

static void __attribute__((noreturn))
verdict_take(void *arg, bool broken, enum verdict verdict, int line, const char *message)
{
	struct probe_world *world = arg;
	const bool icmp = world->missing && world->icmp;
	int status = world->missing && !icmp ? EXIT_SILENCE : EXIT_UNEXPECTED;
	struct break_facts facts = {.kind = BREAK_NONE};
	struct judgement made;
	char instead[1100];
	struct why why;

	(void)line;
	/* What our own side may have caused is no answer of the target's. */
	if (broken && world->lab)
		facts = exchange_facts(lab_exchange(world->lab));
	made = verdict_decide(&(struct verdict_input){.end = END_TOLD, .told = verdict,
						      .facts = &facts, .message = message});
	broken = broken && made.verdict == VERDICT_FAIL;
	/* Before there is a lab, nothing was said. */
	if (world->lab)
		probe_ladder_print(world);
	if (!broken)
		status = complain(EXIT_HARNESS, "%s: %s", verdict_name(made.verdict), made.message);
	snprintf(instead, sizeof(instead), "%s%s", message,
		 icmp ? "; an ICMP error came instead" : "");
	if (broken)
		probe_ending_print(world, "not as expected", instead);
	fflush(stdout);
	if (world->lab)
		probe_leave(world);
	if (world->lab && probe_world_finish(world, &why) && broken)
		status = complain(EXIT_HARNESS, "%s", why.text);
	probe_exit(world, status);
}

static int interrupt_take(void *arg, struct why *why)
{
	struct probe_world *world = arg;
	int status = probe_interrupt_status(world);

	int r;

	probe_leave(world);
	r = probe_world_finish(world, why);
	if (!world->input->quiet)
		probe_ladder_print(world);
	if (r)
		status = complain(EXIT_HARNESS, "%s", why->text);
	else
		probe_ending_print(world, "interrupted", "");
	probe_exit(world, status);
}

void probe_watch(struct probe_world *world)
{
	if (world->interrupted >= 0)
		exchange_watch(lab_exchange(world->lab), world->interrupted, interrupt_take, world);
}

struct observer probe_observer(struct probe_world *world)
{
	return (struct observer){.arg = world, .rung = rung_take, .waiting = waiting_take,
				 .verdict = verdict_take, .idle = idle_take};
}
