/*
 * The verb probe: what does this port say to this segment?
 */
#include "cli/probe.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct printed {
	const struct probe_input *input;
	struct probe_style style;
	struct peer *peer; /* of the connection that the probe is sent on; NULL: none */
	bool failed;
};

static void line_print(struct printed *printed, struct buffer *line)
{
	if (line->failed)
		printed->failed = true;
	if (line->at)
		fwrite(line->at, 1, line->len, stdout);
	buffer_free(line);
}

static void event_take(void *arg, const struct probe_event *event)
{
	struct printed *printed = arg;
	struct buffer line = {.at = NULL};

	/* What is open at the target depends on it. */
	if (printed->peer && event->packet && event->packet->kind == PACKET_TCP)
		peer_saw(printed->peer, event->kind == PROBE_SENT, &event->packet->tcp);

	if (!printed->input->json)
		probe_event_text(&line, event, &printed->style);
	else if (probe_event_json(&line, event))
		line.failed = true;
	line_print(printed, &line);
	fflush(stdout);
}

static void summary_print(struct printed *printed, struct probe_summary *summary,
			  const char *target)
{
	struct buffer line = {.at = NULL};

	if (!printed->input->json)
		probe_summary_text(&line, summary, target);
	else if (probe_summary_json(&line, summary, target))
		line.failed = true;
	line_print(printed, &line);
}

/* 1 goes before 2, and 2 before 0. */
static int run_status(const struct probe_input *input, const struct probe_summary *summary)
{
	if (summary->unexpected)
		return EXIT_UNEXPECTED;
	if (input->has_expect && input->expect.silence)
		return EXIT_EXPECTED;
	return summary->answered + summary->errors < summary->sent ? EXIT_SILENCE : EXIT_EXPECTED;
}

/* The numbers of the open connection. */
static void ends_connect(struct probe_ends *ends, const struct peer *p)
{
	ends->source_port = peer_port(p);
	ends->iss = peer_iss(p);
	ends->irs = peer_irs(p);
	ends->seq = ends->iss + peer_snd_nxt(p);
	ends->ack = ends->irs + peer_rcv_nxt(p);
}

static struct probe_ends ends_of(const struct probe_world *world)
{
	const struct lab_net *net = lab_network(world->lab);

	return (struct probe_ends){
		.source = net->peer_address,
		.dest = net->dut_address,
		.source_mac = net->peer_mac,
		.dest_mac = net->dut_mac,
		.source_port = world->input->source_port,
		.dest_port = world->input->target.port,
	};
}

static nanos turn_take(void *arg)
{
	return link_turn(arg);
}

/* A connection that the keeper is to reset should this process die, or no more. */
static void opened(void *arg, uint16_t port, uint32_t next)
{
	const struct probe_world *world = arg;

	if (!world->keeper)
		return;
	if (next)
		link_note(world->keeper, port, world->input->target.port, next, next);
	else
		link_note_closed(world->keeper, port);
}

static struct probe_config config_of(struct probe_world *world, struct printed *printed)
{
	const struct probe_input *input = world->input;

	return (struct probe_config){
		.wire = lab_wire(world->lab),
		.ends = ends_of(world),
		.port_low = world->port_low,
		.port_high = world->port_high,
		.crafted = &input->crafted,
		.connected = input->handshake,
		.count = input->count,
		.interval = input->interval,
		.timeout = input->timeout,
		.listen = input->listen,
		.expect = input->has_expect ? &input->expect : NULL,
		.leave = input->leave || input->handshake,
		.seed = input->seed,
		.interrupted = world->interrupted,
		.turn = world->keeper ? turn_take : NULL,
		.turn_arg = world->keeper,
		.opened = opened,
		.opened_arg = world,
		.arg = printed,
		.event = event_take,
	};
}

/* The connection that the probe is sent on. */
static struct peer *connection_open(struct probe_world *world, struct probe_ends *ends)
{
	const struct probe_input *input = world->input;
	struct peer *p;

	probe_watch(world);
	p = probe_peer(world);
	play_handshake(p, input->timeout);
	ends_connect(ends, p);
	return p;
}

static int segments_run(struct probe_world *world)
{
	const struct probe_input *input = world->input;
	struct printed printed = {.input = input,
				  .style = {.absolute = input->absolute, .quiet = input->quiet,
					    .verbose = input->verbose,
					    .several = input->count > 1}};
	struct probe_config config = config_of(world, &printed);
	struct probe_summary summary = {.sent = 0};
	struct why why, second;
	int r, finished, status;

	if (input->handshake)
		printed.peer = connection_open(world, &config.ends);
	r = probe_run(&config, &summary, &why);
	status = run_status(input, &summary);
	probe_leave(world);
	finished = probe_world_finish(world, &second);
	if (printed.peer && input->verbose)
		probe_ladder_print(world);
	if (!r || r == -EINTR || r == -EIO)
		summary_print(&printed, &summary, world->target);
	if (r == -EINTR)
		status = probe_interrupt_status(world);
	else if (r || printed.failed)
		status = complain(EXIT_HARNESS, "%s", r ? why.text : "out of memory");
	if (finished && (!r || r == -EINTR))
		status = complain(EXIT_HARNESS, "%s", second.text);
	summary_free(&summary);
	return status;
}

/* What was heard is told, whether it can be believed or not. */
static int play_end(struct probe_world *world, const char *how, const char *message)
{
	struct why why;
	int r;

	probe_leave(world);
	r = probe_world_finish(world, &why);
	if (!world->input->quiet)
		probe_ladder_print(world);
	if (r)
		return complain(EXIT_HARNESS, "%s", why.text);
	probe_ending_print(world, how, message);
	return EXIT_EXPECTED;
}

static int play_all(struct probe_world *world)
{
	const struct play *play = &world->input->play;
	char steps[32];

	probe_watch(world);
	play_run(play, probe_peer(world), world->input->timeout);
	snprintf(steps, sizeof(steps), "%zu step%s", play->count, play->count == 1 ? "" : "s");
	return play_end(world, "as expected", steps);
}

/* A handshake without a segment after it. */
static int handshake_all(struct probe_world *world)
{
	char rtt[NANOS_TEXT_MAX], words[NANOS_TEXT_MAX + 8];

	probe_watch(world);
	snprintf(words, sizeof(words), "rtt %s",
		 nanos_text(play_handshake(probe_peer(world), world->input->timeout), rtt));
	return play_end(world, "established", words);
}

/* Is --handshake all that was asked for? */
static bool is_handshake_alone(const struct probe_input *input)
{
	return input->handshake && !input->segment_set && !input->has_expect && !input->listen;
}

int verb_probe(int argc, char **argv)
{
	struct probe_input input = {.count = 1};
	struct probe_world world = {.input = &input, .interrupted = -1};
	struct why why;
	int status, r;

	if (!probe_options(&input, argc, argv, &status))
		goto out;
	world.ladder = ladder_new();
	if (!world.ladder) {
		status = complain(EXIT_HARNESS, "out of memory");
		goto out;
	}
	r = probe_world_open(&world, &why);
	/* What was typed is no host, or there is no way to it. */
	if (r)
		status = complain(r == -EINVAL ? EXIT_USAGE : EXIT_HARNESS, "%s", why.text);
	else
		status = input.play.count ? play_all(&world)
			 : is_handshake_alone(&input) ? handshake_all(&world)
						      : segments_run(&world);
	probe_exit(&world, status);
out:
	ladder_free(world.ladder);
	probe_input_free(&input);
	return status;
}
