/*
 * Inside the guest: the kernel's first process. It makes the machine that a run needs, takes the
 * order, runs, and powers off. What it has to say goes through the channel; what the kernel prints
 * goes to the console, which is outside, too.
 */
#include "guest/inside.h"
#include "guest/kernel.h"
#include "guest/parcel.h"
#include "stack/stack.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* The clock shim outside sees the name of every file that the guest asks for. */
#define FREEZE "/.lastack-clock/freeze"
/*
 * The timer wheel rounds by where it stands. 8^5 ticks are a turn of all its levels that timers of
 * minutes use: at the same place of it they round alike, run after run.
 */
#define WHEEL_TICKS 32768
#define DEVICE_TIME sec(30) /* for a device to be found */

/* What a Linux system has mounted; missing mount points are none of a lab's business. */
static void machine_mount(void)
{
	mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, NULL);
	mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, NULL);
	mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, NULL);
}

/* One that is packed is unpacked here: not every kernel can. */
static int module_load(const char *path, struct why *why)
{
	const char *end = strrchr(path, '.');
	struct buffer bytes = {.at = NULL};
	int r = 0, fd = -1;

	if (end && strcmp(end, ".ko")) {
		r = module_read(path, &bytes, why);
		if (!r && syscall(SYS_init_module, bytes.at, bytes.len, "") && errno != EEXIST)
			r = -errno;
	} else {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
			r = -errno;
	}
	if (r)
		why_set(why, -r, "module %s does not load: %s", path, strerror(-r));
	if (fd >= 0)
		close(fd);
	buffer_free(&bytes);
	return r;
}

/*
 * Open a device, which may have to be found first. -errno. Linux makes a virtio port's node a
 * moment before it can be opened (ENXIO), and tells nobody when it can.
 */
static int device_open(const char *name)
{
	nanos until = clock_monotonic() + DEVICE_TIME;
	int watch = inotify_init1(IN_CLOEXEC), fd;

	if (watch >= 0)
		inotify_add_watch(watch, "/dev", IN_CREATE);
	while ((fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0) {
		struct pollfd made = {.fd = watch, .events = POLLIN};
		char events[4096];
		int error = errno;

		if ((error != ENOENT && error != ENXIO) || clock_monotonic() > until) {
			fd = -error;
			break;
		}
		if (poll(&made, 1, error == ENXIO ? 1 : (int)(DEVICE_TIME / ms(1))) == 1 &&
		    read(watch, events, sizeof(events)) <= 0)
			until = 0;
	}
	if (watch >= 0)
		close(watch);
	return fd;
}

static int channel_open(const char *name)
{
	int fd = device_open(name);
	struct termios raw;

	if (fd >= 0 && !tcgetattr(fd, &raw)) {
		cfmakeraw(&raw);
		tcsetattr(fd, TCSANOW, &raw);
	}
	return fd;
}

/* Read one line of at most ORDER_LINE_MAX bytes, append it without its end; its length or -errno.
 */
static ssize_t line_read(int fd, struct buffer *out)
{
	size_t n = 0;
	char c;

	for (;;) {
		ssize_t got = read(fd, &c, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got || n > ORDER_LINE_MAX)
			return -EPROTO;
		if (c == '\n')
			return (ssize_t)n;
		buffer_put(out, &c, 1);
		n++;
	}
}

/* The order is a file, where the guest has its own. */
static int order_load(FILE *channel, const char *path, struct order *out, struct why *why)
{
	struct buffer text_ = {.at = NULL};
	FILE *file = fopen(path, "re");
	int r;

	fputs(GUEST_READY "\n", channel);
	fflush(channel);
	if (!file)
		return why_set(why, errno, "%s: %s", path, strerror(errno));
	buffer_file(&text_, file, ORDER_BYTES_MAX);
	fclose(file);
	r = order_read(text_.at, text_.len, out, why);
	buffer_free(&text_);
	return r;
}

static int order_take(FILE *channel, struct order *out, struct why *why)
{
	struct buffer text_ = {.at = NULL};
	ssize_t n;
	int r;

	fputs(GUEST_READY "\n", channel);
	do {
		fflush(channel);
		n = line_read(fileno(channel), &text_);
		fputs(GUEST_GO_ON "\n", channel);
	} while (n > 0 && text_.len < ORDER_BYTES_MAX);
	fflush(channel);
	if (n)
		r = why_set(why, EPROTO, "the order did not arrive whole");
	else
		r = order_read(text_.at, text_.len, out, why);
	buffer_free(&text_);
	return r;
}

/* Sleep until the timer wheel stands where it stands in every run. */
static void wheel_align(void)
{
	struct timespec tick, until;
	nanos turn, now = clock_monotonic();

	if (clock_getres(CLOCK_MONOTONIC_COARSE, &tick))
		return;
	turn = tick.tv_nsec * (nanos)WHEEL_TICKS;
	now = (now / turn + 1) * turn;
	until = clock_timespec(now);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

/* Make a folder, and those above it. */
static int folder_make(const char *path)
{
	char *copy = strdup(path);
	int r = copy ? 0 : -ENOMEM;

	for (char *at = copy; at && !r && *at; at++) {
		char *slash = strchr(at + 1, '/');

		if (slash)
			*slash = '\0';
		if (mkdir(copy, 0755) && errno != EEXIST)
			r = -errno;
		if (!slash)
			break;
		*slash = '/';
		at = slash - 1;
	}
	free(copy);
	return r;
}

/* The evidence goes into its folder outside, or into one of that name here, until it is sent. */
static int folder_prepare(const struct order *order, struct why *why)
{
	const char *path = order->run.evidence;
	int r = 0;

	if (order->carrier)
		r = folder_make(path);
	else if (mount("evidence", path, "hostfs", MS_NOSUID | MS_NODEV, path))
		r = -errno;
	return r ? why_set(why, -r, "evidence folder %s: %s", path, strerror(-r)) : 0;
}

static int evidence_send(const struct order *order, struct why *why)
{
	int fd = device_open(order->carrier), r;

	if (fd < 0)
		return why_set(why, -fd, "%s: %s", order->carrier, strerror(-fd));
	r = parcel_pack(order->run.evidence, fd, why);
	if (close(fd) && !r)
		r = why_set(why, errno, "%s: %s", order->carrier, strerror(errno));
	return r;
}

/*
 * What is needed is there now. A kernel that misses something else would start a modprobe that
 * finds nothing, and one that still knows a hotplug helper starts it for each device of each lab.
 */
static void helpers_stop(void)
{
	static const char *const paths[] = {"/proc/sys/kernel/modprobe",
					    "/proc/sys/kernel/hotplug"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		int fd = open(paths[i], O_WRONLY | O_CLOEXEC);

		if (fd < 0)
			continue;
		if (write(fd, "\n", 1) < 0)
			log_debug("%s: %s", paths[i], strerror(errno));
		close(fd);
	}
}

static int machine_prepare(const struct order *order, struct why *why)
{
	int r = 0;

	for (size_t i = 0; order->modules[i] && !r; i++)
		r = module_load(order->modules[i], why);
	if (!r)
		helpers_stop();
	if (!r && order->run.evidence)
		r = folder_prepare(order, why);
	if (!r && order->freeze) {
		struct stat ignored;

		/* It is not there; asking is what counts. */
		r = stat(FREEZE, &ignored) ? 0 : -EEXIST;
	}
	if (!r)
		wheel_align();
	if (!r && order->freeze)
		clock_take();
	return r;
}

/* "user-mode Linux, idle time skipped, 100 Hz". */
static char *machine_text(const struct order *order)
{
	struct timespec tick = {.tv_nsec = 0};
	char *out = NULL;

	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	if (asprintf(&out, "%s, %ld Hz", order->machine,
		     tick.tv_nsec > 0 ? (1000000000L + tick.tv_nsec / 2) / tick.tv_nsec : 0) < 0)
		return NULL;
	return out;
}

static int order_run(struct order *order, FILE *channel, struct why *why)
{
	struct catalogue catalogue = {.entries = NULL};
	struct profile *profile = NULL;
	struct reporter *reporter = NULL;
	struct reporter_options options = {.out = channel};
	struct stack *stack = NULL;
	char *machine = machine_text(order);
	int r = catalogue_new(&catalogue, why);

	if (!r)
		r = catalogue_select(&catalogue, (char *const *)(uintptr_t)order->selectors,
				     order->selector_count, why);
	if (!r)
		r = profile_load(&profile, order->profile, why);
	if (!r)
		r = reporter_new(&reporter, "events", &options, why);
	if (r)
		goto out;
	order->run.catalogue = &catalogue;
	order->run.profile = profile;
	order->run.sysctls = order->sysctls;
	order->run.machine = machine;
	order->run.reporters = &reporter;
	order->run.reporter_count = 1;
	warm_up();
	if (order->stack) {
		r = stack_open(&stack, order->stack, order->run.over, why);
		if (r)
			goto out;
		order->run.target = stack_target(stack);
		order->run.over = stack_over(stack);
	}
	r = run_cases(&order->run, why);
	if (reporter_finish(reporter, NULL) && r >= 0)
		r = EXIT_HARNESS;
out:
	stack_free(stack);
	profile_free(profile);
	catalogue_free(&catalogue);
	free(machine);
	return r;
}

/* Take the order, do it, and say how it ended. */
static void order_serve(FILE *channel, const char *path, struct why *why)
{
	struct order order = {.selectors = NULL};
	int r = path ? order_load(channel, path, &order, why) : order_take(channel, &order, why);

	if (!r)
		r = machine_prepare(&order, why);
	if (!r)
		r = order_run(&order, channel, why);
	if (r >= 0 && order.carrier && evidence_send(&order, why)) {
		log_warn("the evidence: %s", why->text);
		r = EXIT_HARNESS;
	}
	fprintf(channel, GUEST_END "%d %s\n", r, r < 0 ? why->text : "");
	fflush(channel);
	tcdrain(fileno(channel));
}

/* The kernel may have put words of its own behind. */
static bool is_file(const char *word)
{
	return word && *word == '/';
}

int guest_init(char *const *words, struct why *why)
{
	bool apart = is_file(words[1]);
	FILE *channel = NULL;
	int fd, r = 0;

	if (getpid() != 1)
		return why_set(why, EINVAL, "guest is what a guest kernel starts as its init");
	signal(SIGPIPE, SIG_IGN);
	/* Or timers of programs come 50 us late, to be gathered: nothing is saved by that here. */
	prctl(PR_SET_TIMERSLACK, 1);
	machine_mount();
	for (size_t i = 2; apart && is_file(words[i]) && !r; i++)
		r = module_load(words[i], why);
	if (r)
		log_warn("%s", why->text);
	fd = channel_open(words[0]);
	if (fd >= 0)
		channel = fdopen(fd, "r+e");
	if (channel)
		order_serve(channel, apart ? words[1] : NULL, why);
	else
		log_warn("%s: %s", words[0], strerror(fd < 0 ? -fd : errno));
	sync();
	/* A machine that is told to start again ends instead; power is no matter of every kernel.
	 */
	reboot(apart ? RB_AUTOBOOT : RB_POWER_OFF);
	for (;;)
		pause();
}
