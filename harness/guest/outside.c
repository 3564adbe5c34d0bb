/*
 * Outside of the guest: it is started, given its order, listened to and ended. Its events reach the
 * reporters as those of a run on this machine would.
 */
#include "guest/outside.h"
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE sec(120)
#define TRY_PATIENCE sec(30)
#define TICK ms(200)
#define END_TIME ms(800)
#define CASES_A_GUEST 16

/* Read what there is. False: the other end has closed. */
static bool channel_read(struct listener *listener)
{
	char chunk[65536];

	for (;;) {
		ssize_t n = read(listener->process.channel, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n <= 0)
			return false;
		listener_hear(listener, chunk, (size_t)n);
	}
}

static bool console_read(struct listener *listener)
{
	char chunk[4096];

	for (;;) {
		ssize_t n = read(listener->process.console, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n <= 0)
			return false;
		console_take(&listener->console, chunk, (size_t)n);
		if (log_level > 0)
			log_foreign(chunk, (size_t)n);
	}
}

static void signals_take(struct guests *guests)
{
	struct signalfd_siginfo info;

	while (read(guests->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo != SIGCHLD && !guests->interrupted)
			guests->interrupted = (int)info.ssi_signo;
}

/* Has the kernel's process ended? Then listener->ended is how. */
static bool process_reap(struct listener *listener)
{
	pid_t pid = listener->process.pid;

	if (pid && waitpid(pid, &listener->ended, WNOHANG) == pid)
		listener->process.pid = 0;
	return !listener->process.pid;
}

static void listener_read(struct listener *listener)
{
	if (listener->process.console >= 0 && !console_read(listener)) {
		close(listener->process.console);
		listener->process.console = -1;
	}
	if (listener->process.evidence >= 0 && !haul_read(listener)) {
		close(listener->process.evidence);
		listener->process.evidence = -1;
	}
	if (listener->process.channel >= 0 && !channel_read(listener)) {
		close(listener->process.channel);
		listener->process.channel = -1;
	}
}

/* Is it alive, and does it still speak? */
static void listener_check(struct listener *listener)
{
	nanos silent = clock_monotonic() - listener->heard_at;
	char text_[96];

	if (listener->state >= GUEST_ENDED)
		return;
	if (process_reap(listener)) {
		/* Its last words may still be on their way. */
		listener_read(listener);
		if (listener->state >= GUEST_ENDED)
			return;
		listener->state = GUEST_BROKEN;
		ending_text(listener, &listener->why);
		return;
	}
	if (silent <= listener->guests->patience)
		return;
	snprintf(text_, sizeof(text_), "nothing was heard of it for %lld s",
		 (long long)(silent / sec(1)));
	listener_distrust(listener, text_);
}

/* Wait for something to happen, and take it in. */
static void guests_wait(struct guests *guests)
{
	struct pollfd fds[3 * GUESTS_MAX + 1] = {{.fd = guests->signals, .events = POLLIN}};
	nfds_t n = 1;

	for (unsigned i = 0; i < guests->count; i++) {
		const struct guest_process *process = &guests->listeners[i].process;

		fds[n++] = (struct pollfd){.fd = process->channel, .events = POLLIN};
		fds[n++] = (struct pollfd){.fd = process->console, .events = POLLIN};
		fds[n++] = (struct pollfd){.fd = process->evidence, .events = POLLIN};
	}
	poll(fds, n, (int)(TICK / ms(1)));
	signals_take(guests);
	for (unsigned i = 0; i < guests->count; i++)
		if (fds[3 * i + 1].revents || fds[3 * i + 2].revents || fds[3 * i + 3].revents)
			listener_read(&guests->listeners[i]);
	if (guests->told_run && clock_monotonic() - guests->told >= TICK)
		guests_event(guests, &(struct event){.kind = EVENT_TICK, .time = guests->time});
}

static bool guests_go_on(const struct guests *guests)
{
	if (guests->interrupted || guests->refused)
		return false;
	for (unsigned i = 0; i < guests->count; i++) {
		if (guests->listeners[i].state < GUEST_ENDED)
			return true;
		if (guests->listeners[i].state == GUEST_REFUSED)
			return false;
	}
	return false;
}

static void guests_listen(struct guests *guests)
{
	while (guests_go_on(guests)) {
		guests_wait(guests);
		for (unsigned i = 0; i < guests->count; i++)
			listener_check(&guests->listeners[i]);
	}
}

/* All processes of the guests end now. */
static void guests_end(struct guests *guests)
{
	nanos until = clock_monotonic() + END_TIME;
	bool all = false;

	for (unsigned i = 0; i < guests->count; i++) {
		pid_t pid = guests->listeners[i].process.pid;

		if (pid && kill(-pid, SIGKILL))
			kill(pid, SIGKILL);
	}
	while (!all && clock_monotonic() < until) {
		struct pollfd child = {.fd = guests->signals, .events = POLLIN};

		all = true;
		for (unsigned i = 0; i < guests->count; i++)
			all &= process_reap(&guests->listeners[i]);
		if (!all)
			poll(&child, 1, 50);
		signals_take(guests);
	}
	/* What they traced is ours now, and dies with them. */
	while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
		;
}

static int signals_open(sigset_t *before)
{
	static const int wanted[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP};
	struct sigaction action;
	sigset_t set;

	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (sigaction(wanted[i], NULL, &action) || action.sa_handler != SIG_IGN)
			sigaddset(&set, wanted[i]);
	sigprocmask(SIG_BLOCK, &set, before);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* One guest a processor, but none for a handful of cases: a boot costs what ten cases do. */
static unsigned guests_wanted(const struct guest_options *options)
{
	unsigned wanted = (unsigned)(options->run->catalogue->count / CASES_A_GUEST);
	cpu_set_t processors;

	if (options->run->jobs || sched_getaffinity(0, sizeof(processors), &processors))
		return 1;
	if (wanted > (unsigned)CPU_COUNT(&processors))
		wanted = (unsigned)CPU_COUNT(&processors);
	if (options->guests && wanted > options->guests)
		wanted = options->guests;
	if (wanted > GUESTS_MAX)
		wanted = GUESTS_MAX;
	return wanted ? wanted : 1;
}

static int guest_start(struct listener *listener, const struct workplace *workplace,
		       struct why *why)
{
	const struct guests *guests = listener->guests;
	const struct guest_kernel *kernel = guests->kernel;
	const struct guest_start start = {.lastack = workplace->lastack,
					  .profile = workplace->profile,
					  .order = &listener->order,
					  .place = guests->options->place + listener->share,
					  .seed = guests->options->run->seed};

	if (kernel->carrier && workplace->evidence) {
		listener->haul = memfd_create("lastack-evidence", MFD_CLOEXEC);
		if (listener->haul < 0)
			return why_set(why, errno, "memfd_create: %s", strerror(errno));
	}
	/* Where it finds the order among its files, it is not sent. */
	listener->order_whole = kernel->carrier != NULL;
	return kernel->start(kernel, &start, &listener->process, why);
}

static int guests_start(struct guests *guests, const struct workplace *workplace, struct why *why)
{
	int r = 0;

	guests->began = guests->told = clock_monotonic();
	for (unsigned i = 0; i < guests->count && !r; i++) {
		struct listener *listener = &guests->listeners[i];

		listener->heard_at = guests->began;
		r = workplace_order(workplace, guests, i, &listener->order, why);
		if (!r)
			r = guest_start(listener, workplace, why);
	}
	return r;
}

static void guests_close(struct guests *guests)
{
	for (unsigned i = 0; i < guests->count; i++) {
		struct listener *listener = &guests->listeners[i];

		if (listener->process.hold >= 0)
			close(listener->process.hold);
		if (listener->process.channel >= 0)
			close(listener->process.channel);
		if (listener->process.console >= 0)
			close(listener->process.console);
		if (listener->process.evidence >= 0)
			close(listener->process.evidence);
		if (listener->haul >= 0)
			close(listener->haul);
		buffer_free(&listener->line);
		buffer_free(&listener->order);
		buffer_free(&listener->console);
	}
	if (guests->signals >= 0)
		close(guests->signals);
}

/* As many guests as there are shares, with nothing started yet. */
static int guests_open(struct guests *guests, sigset_t *before, struct why *why)
{
	for (unsigned i = 0; i < guests->count; i++)
		guests->listeners[i] = (struct listener){
			.guests = guests,
			.share = i,
			.haul = -1,
			.process = {.hold = -1, .channel = -1, .console = -1, .evidence = -1}};
	guests->signals = signals_open(before);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return guests->signals < 0 ? why_set(why, errno, "signalfd: %s", strerror(errno)) : 0;
}

static void guests_shut(struct guests *guests, const sigset_t *before)
{
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	sigprocmask(SIG_SETMASK, before, NULL);
	guests_close(guests);
}

int guest_try(const struct guest_kernel *kernel, struct why *why)
{
	const struct run_options nothing = {.seed = 0};
	const struct guest_options options = {.run = &nothing, .profile = "none"};
	struct guests guests = {
		.options = &options, .kernel = kernel, .count = 1, .patience = TRY_PATIENCE};
	const struct listener *listener = &guests.listeners[0];
	struct workplace workplace = {.lastack = NULL};
	sigset_t before;
	int r = guests_open(&guests, &before, why);

	if (!r)
		r = workplace_open(&workplace, &options, why);
	if (!r)
		r = guests_start(&guests, &workplace, why);
	while (!r && listener->state == GUEST_BOOTING && !guests.interrupted) {
		guests_wait(&guests);
		listener_check(&guests.listeners[0]);
	}
	guests_end(&guests);
	if (!r && listener->state != GUEST_ORDERED)
		r = why_set(why, EIO, "%s", *listener->why.text ? listener->why.text : "no answer");
	workplace_close(&workplace, true);
	guests_shut(&guests, &before);
	return r;
}

int guest_run(const struct guest_kernel *kernel, const struct guest_options *options,
	      struct why *why)
{
	struct guests guests = {.options = options,
				.kernel = kernel,
				.count = guests_wanted(options),
				.patience = options->patience ? options->patience : PATIENCE};
	struct workplace workplace = {.lastack = NULL};
	sigset_t before;
	int r;

	if (options->stack && kernel->carrier)
		return why_set(why, EINVAL,
			       "--stack %s: only a user-mode kernel sees the files that it is "
			       "started from, and %s does not",
			       options->stack, kernel->name);
	r = guests_open(&guests, &before, why);
	if (!r)
		r = workplace_open(&workplace, options, why);
	if (!r)
		r = guests_start(&guests, &workplace, why);
	if (!r)
		guests_listen(&guests);
	guests_end(&guests);
	if (!r)
		r = ending_report(&guests, &workplace, why);
	workplace_close(&workplace, r < 0);
	guests_shut(&guests, &before);
	return r;
}
