/*
 * Sysctls of the calling process's network namespace, and those that every lab pins.
 */
#include "lab/plumbing.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const struct lab_sysctl lab_pins[] = {
	/* How often, and when, a segment comes again. */
	{"net.ipv4.tcp_synack_retries", "5", "how often a SYN-ACK is sent again"},
	{"net.ipv4.tcp_syn_retries", "6", "how often a SYN is sent again, doubling"},
	{"net.ipv4.tcp_syn_linear_timeouts", "4", "how often before that, one second apart"},
	{"net.ipv4.tcp_retries1", "3", "R1 of RFC 9293 3.8.3"},
	{"net.ipv4.tcp_retries2", "15", "R2 of RFC 9293 3.8.3"},
	{"net.ipv4.tcp_orphan_retries", "0", "R2 of a closed socket; 0 means 8"},
	{"net.ipv4.tcp_rto_min_us", "200000", "the floor of the retransmission timer"},
	{"net.ipv4.tcp_rto_max_ms", "120000", "its ceiling"},
	{"net.ipv4.tcp_early_retrans", "3", "tail loss probes come before the timer"},
	{"net.ipv4.tcp_recovery", "1", "RACK finds losses before three duplicate ACKs do"},
	{"net.ipv4.tcp_no_metrics_save", "1", "no timer may remember an earlier connection"},
	{"net.ipv4.tcp_congestion_control", "reno",
	 "RFC 5681; a new namespace takes the machine's, and some of them pace"},

	/* Answers that a limit would swallow. */
	{"net.ipv4.tcp_invalid_ratelimit", "0", "every unacceptable segment gets its answer"},
	{"net.ipv4.tcp_challenge_ack_limit", "2147483647", "every challenge ACK is sent"},
	{"net.ipv4.icmp_ratelimit", "0", "every ICMP error is sent"},
	{"net.ipv4.icmp_ratemask", "0", "no ICMP message counts against a limit"},

	/* Queues. */
	{"net.ipv4.tcp_syncookies", "1", "cookies when the half-open queue is full, else never"},
	{"net.ipv4.tcp_max_syn_backlog", "4096",
	 "without cookies its last quarter is kept; its default follows the machine's memory"},
	{"net.ipv4.tcp_abort_on_overflow", "0", "a full accept queue is silent"},
	{"net.ipv4.tcp_migrate_req", "0", "a closed listener's requests go with it"},

	/* The end of a connection. */
	{"net.ipv4.tcp_fin_timeout", "60", "an orphan's time in FIN-WAIT-2"},
	{"net.ipv4.tcp_rfc1337", "0", "a RST ends TIME-WAIT, as RFC 9293 has it"},
	{"net.ipv4.tcp_tw_reuse", "2", "TIME-WAIT is reused by loopback connections only"},
	{"net.ipv4.tcp_tw_reuse_delay", "1000", "and not within a second"},
	{"net.ipv4.tcp_max_tw_buckets", "65536",
	 "beyond it TIME-WAIT is left out; its default follows the machine's memory"},

	/* What a SYN or a SYN-ACK offers. */
	{"net.ipv4.tcp_timestamps", "1", "RFC 7323 timestamps, with an offset for each connection"},
	{"net.ipv4.tcp_window_scaling", "1", "RFC 7323 window scale"},
	{"net.ipv4.tcp_sack", "1", "RFC 2018"},
	{"net.ipv4.tcp_dsack", "1", "RFC 2883"},
	{"net.ipv4.tcp_ecn", "2",
	 "a peer that asks for ECN gets it, and the DUT's own SYN carries no ECN flags"},
	{"net.ipv4.tcp_fastopen", "1", "no data of a SYN is delivered: fast open for clients only"},
	{"net.ipv4.tcp_rmem", "4096 131072 6291456",
	 "windows and their scale follow it; a new namespace takes the machine's"},
	{"net.ipv4.tcp_wmem", "4096 16384 4194304", "how much write() takes; likewise"},

	/* Segment sizes. */
	{"net.ipv4.tcp_mtu_probing", "0", "no segment is larger or smaller for a test of the path"},
	{"net.ipv4.tcp_min_snd_mss", "48", "the least MSS that is believed"},
	{"net.ipv4.route.min_pmtu", "552", "the least path MTU that is believed"},

	/* IP underneath. */
	{"net.ipv4.ip_local_port_range", "32768 60999", "where an active opener's port comes from"},
	{"net.ipv4.conf.all.rp_filter", "0", "the peer may have any source address"},
	{"net.ipv4.conf.all.accept_source_route", "0", "source routes are refused"},
	{"net.ipv4.conf." LAB_DUT_INTERFACE ".rp_filter", "0", "the larger of the two counts"},

	/* IPv6 underneath. */
	{"net.ipv6.conf." LAB_DUT_INTERFACE ".disable_ipv6", "0",
	 "a machine without IPv6 may hand that on"},
	{"net.ipv6.icmp.ratelimit", "0", "every ICMPv6 error is sent"},
	{"net.ipv6.conf." LAB_DUT_INTERFACE ".accept_ra", "0",
	 "addresses and routes are the lab's"},
	{"net.ipv6.conf." LAB_DUT_INTERFACE ".router_solicitations", "0",
	 "nobody is asked for them"},
	{"net.ipv6.conf." LAB_DUT_INTERFACE ".dad_transmits", "0", "no address waits to be used"},
	{NULL, NULL, NULL},
};

/* What was not to be chosen before there were sysctls for it. */
static const struct {
	const char *name;
	long value;
} older[] = {
	{"net.ipv4.tcp_syn_linear_timeouts", 0},   /* since 6.5 */
	{"net.ipv4.tcp_rto_min_us", 200000},	   /* 6.11 */
	{"net.ipv4.tcp_rto_max_ms", 120000},	   /* 6.15 */
	{"net.ipv4.tcp_tw_reuse_delay", 1000},	   /* 6.14 */
	{"net.ipv4.tcp_migrate_req", 0},	   /* 5.14 */
};

bool lab_sysctl_without(const char *name, long *value)
{
	for (size_t i = 0; i < sizeof(older) / sizeof(older[0]); i++)
		if (!strcmp(older[i].name, name)) {
			*value = older[i].value;
			return true;
		}
	return false;
}

enum { NAME_BYTES_MAX = 128 };

/* A sysctl's name as its path below /proc/sys/net, cut in two: "ipv4", "conf/all/rp_filter". */
struct sysctl {
	char top[NAME_BYTES_MAX];
	const char *rest; /* in the same bytes */
};

/*
 * The top folder that the last name was in. A lookup there tries the folders of every namespace
 * there is, one after the other; below it are only those of one's own.
 */
struct sysctl_folder {
	int fd;
	char name[NAME_BYTES_MAX];
};

/*
 * Read a dotted name. Slashes are taken as they are, for interfaces with a dot in their name. Only
 * net.* belongs to the namespace; anything else would be the machine's.
 */
static int sysctl_name(const char *name, struct sysctl *out, struct why *why)
{
	const char separator = name[strcspn(name, "./")];
	const size_t len = strlen(name);
	char *slash;

	if (len < 5 || strncmp(name, "net", 3) != 0 || (name[3] != '.' && name[3] != '/'))
		return why_set(why, EINVAL,
			       "sysctl %s is not of a network namespace: only net.* can be set",
			       name);
	name += 4;
	if (len - 4 >= NAME_BYTES_MAX || strstr(name, "..") || strstr(name, "//") || *name == '/')
		return why_set(why, EINVAL, "no such name of a sysctl: net.%s", name);
	for (size_t i = 0; i <= len - 4; i++)
		out->top[i] = separator == '.' && name[i] == '.' ? '/' : name[i];
	slash = strchr(out->top, '/');
	if (!slash || !slash[1])
		return why_set(why, ENOENT, "no such name of a sysctl: net.%s", name);
	*slash = '\0';
	out->rest = slash + 1;
	return 0;
}

static int sysctl_failed(int error, const char *name, struct why *why)
{
	switch (error) {
	case ENOENT:
		return why_set(why, ENOENT, "this kernel has no sysctl %s in a network namespace",
			       name);
	case EROFS:
		return why_set(
			why, EROFS,
			"/proc/sys is mounted read-only, as in a container without privileges");
	default:
		return why_set(why, error, "sysctl %s: %s", name, strerror(error));
	}
}

static void folder_close(struct sysctl_folder *folder)
{
	if (folder->fd >= 0)
		close(folder->fd);
	folder->fd = -1;
}

/* Open a sysctl's file, through its top folder. */
static int sysctl_open(struct sysctl_folder *folder, const char *name, int flags, int *fd,
		       struct why *why)
{
	char path[sizeof("/proc/sys/net/") + NAME_BYTES_MAX];
	struct sysctl sysctl;
	int r;

	r = sysctl_name(name, &sysctl, why);
	if (r < 0)
		return r;
	if (folder->fd < 0 || strcmp(folder->name, sysctl.top) != 0) {
		folder_close(folder);
		memcpy(folder->name, sysctl.top, sizeof(folder->name));
		snprintf(path, sizeof(path), "/proc/sys/net/%s", folder->name);
		folder->fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (folder->fd < 0)
			return sysctl_failed(errno == ENOTDIR ? ENOENT : errno, name, why);
	}
	*fd = openat(folder->fd, sysctl.rest, flags | O_CLOEXEC);
	return *fd < 0 ? sysctl_failed(errno, name, why) : 0;
}

static int sysctl_put(struct sysctl_folder *folder, const char *name, const char *value,
		      struct why *why)
{
	int fd, r;

	r = sysctl_open(folder, name, O_WRONLY, &fd, why);
	if (r < 0)
		return r;
	if (write(fd, value, strlen(value)) < 0)
		r = errno == EINVAL
			    ? why_set(why, EINVAL, "sysctl %s does not take '%s'", name, value)
			    : sysctl_failed(errno, name, why);
	close(fd);
	return r;
}

int sysctls_write(const struct lab_sysctl *list, struct why *why)
{
	struct sysctl_folder folder = {.fd = -1};
	int r = 0;

	for (; r == 0 && list->name; list++)
		r = sysctl_put(&folder, list->name, list->value, why);
	folder_close(&folder);
	return r;
}

_Static_assert(sizeof(lab_pins) / sizeof(lab_pins[0]) <= LAB_PINS_MAX, "a survey has room");

int pins_write(uint8_t family, const struct lab_survey *survey, struct why *why)
{
	struct sysctl_folder folder = {.fd = -1};
	struct why reason;
	int r = 0;

	for (const struct lab_sysctl *pin = lab_pins; pin->name; pin++) {
		if (family == 4 && strncmp(pin->name, "net.ipv6.", 9) == 0)
			continue;
		if (survey && survey->held[pin - lab_pins])
			continue;
		r = sysctl_put(&folder, pin->name, pin->value, &reason);
		if (r == 0)
			continue;
		if (r != -ENOENT && r != -EINVAL) {
			why_set(why, -r, "%s", reason.text);
			break;
		}
		log_debug("left out: %s", reason.text);
		r = 0;
	}
	folder_close(&folder);
	return r;
}

int lab_sysctl_write(const char *name, const char *value, struct why *why)
{
	const struct lab_sysctl list[] = {{name, value, NULL}, {NULL, NULL, NULL}};

	return sysctls_write(list, why);
}

int lab_sysctl_read(const char *name, char *out, size_t size, struct why *why)
{
	struct sysctl_folder folder = {.fd = -1};
	char text[1024];
	ssize_t n;
	int fd, r;

	r = sysctl_open(&folder, name, O_RDONLY, &fd, why);
	folder_close(&folder);
	if (r < 0)
		return r;
	n = read(fd, text, sizeof(text));
	if (n < 0)
		r = sysctl_failed(errno, name, why);
	close(fd);
	if (r < 0)
		return r;
	while (n > 0 && text[n - 1] == '\n')
		n--;
	if ((size_t)n >= size || (size_t)n == sizeof(text))
		return why_set(why, ENOSPC, "sysctl %s is longer than %zu bytes", name, size);
	memcpy(out, text, (size_t)n);
	out[n] = '\0';
	return 0;
}
