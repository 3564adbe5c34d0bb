/*
 * The verb probe: what does this port say to this segment?
 */
#include "cli/probe.h"
#include "lab/lab.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Source ports: those that active openers use (RFC 6056 3.2), as far as Linux does. */
#define PORT_LOW 32768
#define PORT_HIGH 60999
#define BACKLOG 4096

struct output {
	const struct probe_input *input;
	struct probe_style style;
	bool failed;
};

static void line_print(struct output *output, struct buffer *line)
{
	if (line->failed)
		output->failed = true;
	if (line->at)
		fwrite(line->at, 1, line->len, stdout);
	buffer_free(line);
}

static void event_take(void *arg, const struct probe_event *event)
{
	struct output *output = arg;
	struct buffer line = {.at = NULL};

	if (!output->input->json)
		probe_event_text(&line, event, &output->style);
	else if (probe_event_json(&line, event))
		line.failed = true;
	line_print(output, &line);
	fflush(stdout);
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

/* Readable where the user has had enough: -1 when that cannot be had. */
static int interrupts_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int interrupt_status(int fd)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return 130;
	return 128 + (int)info.ssi_signo;
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

static struct peer *peer_make(const struct probe_world *world)
{
	const struct probe_input *input = world->input;

	return lab_dial(world->lab, &(struct dialing){.port = input->source_port,
						      .to = input->target.port});
}

static int segments_run(struct probe_world *world)
{
	const struct probe_input *input = world->input;
	struct output output = {.input = input,
				.style = {.absolute = input->absolute, .quiet = input->quiet,
					  .verbose = input->verbose, .several = input->count > 1}};
	struct probe_config config = {
		.wire = lab_wire(world->lab),
		.ends = ends_of(world),
		.port_low = PORT_LOW,
		.port_high = PORT_HIGH,
		.crafted = &input->crafted,
		.connected = input->handshake,
		.count = input->count,
		.interval = input->interval,
		.timeout = input->timeout,
		.listen = input->listen,
		.expect = input->has_expect ? &input->expect : NULL,
		.leave = input->leave || input->listen || input->handshake,
		.seed = input->seed,
		.interrupted = interrupts_open(),
		.arg = &output,
		.event = event_take,
	};
	struct probe_summary summary = {.sent = 0};
	struct buffer line = {.at = NULL};
	struct peer *p = NULL;
	struct why why;
	int r, status;

	if (input->handshake) {
		p = peer_make(world);
		play_handshake(p, input->timeout);
		rung_time(p, 0);
		ends_connect(&config.ends, p);
	}
	r = probe_run(&config, &summary, &why);
	if (p && !input->leave && !summary.reset)
		play_reset(p, summary.acked ? &summary.ack : NULL);
	if (!input->json)
		probe_summary_text(&line, &summary, world->target);
	else if (probe_summary_json(&line, &summary, world->target))
		line.failed = true;
	if (!r || r == -EINTR || r == -EIO)
		line_print(&output, &line);
	status = run_status(input, &summary);
	if (r == -EINTR)
		status = interrupt_status(config.interrupted);
	else if (r || output.failed)
		status = complain(EXIT_HARNESS, "%s", r ? why.text : "out of memory");
	summary_free(&summary);
	buffer_free(&line);
	return status;
}

static int play_all(struct probe_world *world)
{
	const struct probe_input *input = world->input;
	struct peer *p = peer_make(world);
	bool reset = play_run(&input->play, p, input->timeout);
	struct why why;

	if (!reset && !input->leave)
		play_reset(p, NULL);
	if (lab_audit(world->lab, &why))
		return complain(EXIT_HARNESS, "%s", why.text);
	if (!input->quiet)
		probe_ladder_print(world, stdout);
	printf("--- %s: as expected, %zu steps\n", world->target, input->play.count);
	return EXIT_EXPECTED;
}

static int lab_make(struct probe_world *world, struct why *why)
{
	const struct probe_input *input = world->input;
	struct lab_config config = {
		.family = input->family ? input->family : 4,
		.seed = input->seed,
		.sysctls = input->sysctls,
		.capture_path = input->capture,
		.time_scale = 1,
		.flood = input->count > 1000,
		.observer = probe_observer(world),
	};
	char address[ADDRESS_TEXT_MAX];
	int r = lab_become_root(why);

	if (!r)
		r = lab_open(&world->lab, &config, why);
	if (r)
		return r;
	lab_listen(world->lab, &(struct listening){.port = input->lab_port, .backlog = BACKLOG});
	address_text(&lab_network(world->lab)->dut_address, address);
	snprintf(world->target, sizeof(world->target), config.family == 6 ? "[%s]:%u" : "%s:%u",
		 address, input->target.port);
	return 0;
}

int verb_probe(int argc, char **argv)
{
	struct probe_input input = {.count = 1};
	struct probe_world world = {.input = &input};
	struct why why;
	int status;

	if (!probe_options(&input, argc, argv, &status))
		goto out;
	world.ladder = ladder_new();
	if (!world.ladder) {
		status = complain(EXIT_HARNESS, "out of memory");
		goto out;
	}
	if (lab_make(&world, &why)) {
		status = complain(EXIT_HARNESS, "%s", why.text);
		goto out;
	}
	status = input.play.count ? play_all(&world) : segments_run(&world);
	probe_exit(status);
out:
	ladder_free(world.ladder);
	probe_input_free(&input);
	return status;
}
