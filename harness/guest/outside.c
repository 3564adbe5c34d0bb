/*
 * Outside of the guest: it is started, given its order, listened to and ended. Its events reach the
 * reporters as those of a run on this machine would.
 */
#include "guest/outside.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE sec(120)
#define TICK ms(200)
#define END_TIME ms(800)

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
			fwrite(chunk, 1, (size_t)n, stderr);
	}
}

static void signals_take(struct listener *listener)
{
	struct signalfd_siginfo info;

	while (read(listener->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo != SIGCHLD && !listener->interrupted)
			listener->interrupted = (int)info.ssi_signo;
}

/* Has the kernel's process ended? Then *status is how. */
static bool process_reap(struct listener *listener, int options)
{
	pid_t pid = listener->process.pid;

	if (!pid)
		return true;
	if (waitpid(pid, &listener->ended, options) != pid)
		return false;
	listener->process.pid = 0;
	return true;
}

/* Wait for something to happen, and take it in. */
static void listener_wait(struct listener *listener)
{
	struct pollfd fds[3] = {{.fd = listener->process.channel, .events = POLLIN},
				{.fd = listener->process.console, .events = POLLIN},
				{.fd = listener->signals, .events = POLLIN}};
	nanos now = clock_monotonic();

	poll(fds, 3, (int)(TICK / ms(1)));
	if (fds[2].revents)
		signals_take(listener);
	if (fds[1].revents && !console_read(listener)) {
		close(listener->process.console);
		listener->process.console = -1;
	}
	if (fds[0].revents && !channel_read(listener)) {
		close(listener->process.channel);
		listener->process.channel = -1;
	}
	now = clock_monotonic();
	if (listener->state == GUEST_RUNNING && now - listener->told >= TICK)
		listener_event(listener,
			       &(struct event){.kind = EVENT_TICK, .time = listener->time});
	if (now - listener->heard_at > listener->patience && listener->state < GUEST_ENDED) {
		char text_[96];

		snprintf(text_, sizeof(text_), "nothing was heard of it for %lld s",
			 (long long)(listener->patience / sec(1)));
		listener_distrust(listener, text_);
	}
}

/* All processes of the guest end now. */
static void guest_end(struct listener *listener)
{
	nanos until = clock_monotonic() + END_TIME;

	if (listener->process.pid && kill(-listener->process.pid, SIGKILL))
		kill(listener->process.pid, SIGKILL);
	while (!process_reap(listener, WNOHANG) && clock_monotonic() < until) {
		struct pollfd child = {.fd = listener->signals, .events = POLLIN};

		poll(&child, 1, 50);
		signals_take(listener);
	}
	/* What it traced is ours now, and dies with it. */
	while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
		;
}

static void guest_listen(struct listener *listener)
{
	while (!listener->interrupted && listener->state < GUEST_ENDED) {
		bool ended = process_reap(listener, WNOHANG);

		if (ended) {
			/* Its last words may still be on their way. */
			if (listener->process.channel >= 0)
				channel_read(listener);
			if (listener->process.console >= 0)
				console_read(listener);
			if (listener->state < GUEST_ENDED) {
				listener->state = GUEST_BROKEN;
				ending_text(listener, &listener->why);
			}
			break;
		}
		listener_wait(listener);
	}
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

static void listener_close(struct listener *listener)
{
	if (listener->process.channel >= 0)
		close(listener->process.channel);
	if (listener->process.console >= 0)
		close(listener->process.console);
	if (listener->signals >= 0)
		close(listener->signals);
	buffer_free(&listener->line);
	buffer_free(&listener->order);
	buffer_free(&listener->console);
}

int guest_run(const struct guest_kernel *kernel, const struct guest_options *options,
	      struct why *why)
{
	struct listener listener = {.options = options,
				    .kernel = kernel,
				    .process = {.channel = -1, .console = -1},
				    .signals = -1,
				    .patience = options->patience ? options->patience : PATIENCE};
	struct workplace workplace = {.lastack = NULL};
	sigset_t before;
	int r = workplace_open(&workplace, options, why);

	if (r)
		goto out;
	r = workplace_order(&workplace, kernel, options, &listener.order, why);
	if (r)
		goto out;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	listener.signals = signals_open(&before);
	listener.began = listener.heard_at = listener.told = clock_monotonic();
	r = listener.signals < 0 ? why_set(why, errno, "signalfd: %s", strerror(errno)) : 0;
	if (!r)
		r = uml_start(kernel, workplace.lastack, options->place, &listener.process, why);
	if (!r) {
		guest_listen(&listener);
		guest_end(&listener);
		r = ending_report(&listener, &workplace, why);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 0);
out:
	workplace_close(&workplace, r < 0);
	listener_close(&listener);
	return r;
}
