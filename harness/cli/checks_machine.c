/*
 * The machine: its kernel, and how much of it a run may take.
 */
#include "cli/checks.h"
#include <cap-ng.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#define CASE_MEMORY_MIB 4  /* two processes and a capture ring, rounded up */
#define CASE_PROCESSES 2   /* the case's own and the agent */
#define CASE_DESCRIPTORS 2 /* two pipes to the run */
#define SPARE_DESCRIPTORS 64
#define UNLIMITED (-1LL)

/* How many cases a whole run has at once. */
static size_t whole_run(void)
{
	struct catalogue catalogue = {.entries = NULL};
	size_t n = 0;

	if (catalogue_new(&catalogue, NULL))
		return 0;
	for (size_t i = 0; i < catalogue.count; i++) {
		unsigned over = catalogue.entries[i].record->over;

		n += over == IPV4 || over == IPV6 ? 1 : 2;
	}
	catalogue_free(&catalogue);
	return n;
}

void look_kernel(struct finding *finding)
{
	struct utsname name;

	if (uname(&name))
		finding_set(finding, ANSWER_NO, "uname: %s", strerror(errno));
	else
		finding_set(finding, ANSWER_YES, "%s %s on %s", name.sysname, name.release,
			    name.machine);
}

/* Says which verbs this user's capabilities are enough for, and how to get the missing ones. */
void look_capabilities(struct finding *finding)
{
	bool raw, admin, sys_admin;

	if (capng_get_caps_process()) {
		finding_set(finding, ANSWER_NO, "they cannot be read");
		return;
	}
	raw = capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_RAW);
	admin = capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN);
	sys_admin = capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_ADMIN);
	if (raw && admin && sys_admin)
		finding_set(finding, ANSWER_YES, "CAP_NET_RAW, CAP_NET_ADMIN, CAP_SYS_ADMIN");
	else if (raw && admin)
		finding_set(finding, ANSWER_YES, "CAP_NET_RAW and CAP_NET_ADMIN: probe and run "
			    "--target work, with --source own too; labs need user namespaces");
	else if (raw)
		finding_set(finding, ANSWER_YES, "CAP_NET_RAW: probe and run --target work, but "
			    "--source own needs CAP_NET_ADMIN; labs need user namespaces");
	else
		finding_set(finding, ANSWER_NO, "no CAP_NET_RAW: probe and run --target cannot "
			    "work; labs need user namespaces");
	if (finding->root && !(raw && admin && sys_admin))
		finding_privilege(finding, !raw ? "CAP_NET_RAW" :
				  !admin ? "CAP_NET_ADMIN" : "CAP_SYS_ADMIN");
	else if (!raw || !admin)
		finding_way(finding, "run as root, or setcap cap_net_raw%s+ep on this program",
			    raw ? ",cap_net_admin" : "");
}

/* A number of a file's line that starts with key, or UNLIMITED. */
static long long file_number(const char *path, const char *key)
{
	FILE *file = fopen(path, "re");
	long long number = UNLIMITED;
	char line[256];

	if (!file)
		return UNLIMITED;
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, key, strlen(key)) && sscanf(line + strlen(key), "%lld", &number))
			break;
	fclose(file);
	return number;
}

void look_memory(struct finding *finding)
{
	long long free_mib = file_number("/proc/meminfo", "MemAvailable:") / 1024;
	size_t cases = whole_run();
	long long wanted = (long long)cases * CASE_MEMORY_MIB;

	if (free_mib < 0) {
		finding_set(finding, ANSWER_NOTE, "/proc/meminfo does not tell what is free");
	} else if (free_mib >= wanted) {
		finding_set(finding, ANSWER_YES,
			    "%lld MiB are free, and a whole run takes up to %lld", free_mib,
			    wanted);
	} else {
		finding_set(finding, ANSWER_NO,
			    "%lld MiB are free, and a whole run takes up to %lld", free_mib,
			    wanted);
		finding_way(finding, "lastack run --jobs %lld",
			    free_mib / CASE_MEMORY_MIB > 1 ? free_mib / CASE_MEMORY_MIB : 1);
	}
}

void look_descriptors(struct finding *finding)
{
	size_t wanted = whole_run() * CASE_DESCRIPTORS + SPARE_DESCRIPTORS;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit)) {
		finding_set(finding, ANSWER_NOTE, "their limit cannot be read");
	} else if (limit.rlim_max >= wanted) {
		finding_set(finding, ANSWER_YES, "up to %llu, and a whole run takes %zu",
			    (unsigned long long)limit.rlim_max, wanted);
	} else {
		finding_set(finding, ANSWER_NO, "up to %llu, and a whole run takes %zu",
			    (unsigned long long)limit.rlim_max, wanted);
		finding_way(finding,
			    "raise the hard limit (ulimit -Hn), or lastack run --jobs %llu",
			    limit.rlim_max > SPARE_DESCRIPTORS + CASE_DESCRIPTORS
				    ? (unsigned long long)(limit.rlim_max - SPARE_DESCRIPTORS) /
					      CASE_DESCRIPTORS
				    : 1);
	}
}

/* The limit of this process's control group, or UNLIMITED. */
static long long group_limit(void)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	long long least = UNLIMITED;
	char line[1024], path[1200];

	if (!file)
		return UNLIMITED;
	while (fgets(line, sizeof(line), file)) {
		char *group = strrchr(line, ':');
		bool version1 = strstr(line, ":pids:") != NULL;
		long long number;

		line[strcspn(line, "\n")] = '\0';
		if (!group || (!version1 && strncmp(line, "0::", 3)))
			continue;
		snprintf(path, sizeof(path), "/sys/fs/cgroup%s%s/pids.max", version1 ? "/pids" : "",
			 group + 1);
		number = file_number(path, "");
		if (number > 0 && (least == UNLIMITED || number < least))
			least = number;
	}
	fclose(file);
	return least;
}

void look_processes(struct finding *finding)
{
	long long wanted = (long long)whole_run() * CASE_PROCESSES + 2, least = group_limit();
	struct rlimit limit;

	/* Root is not held to RLIMIT_NPROC. */
	if (geteuid() && !getrlimit(RLIMIT_NPROC, &limit) && limit.rlim_cur != RLIM_INFINITY &&
	    (least == UNLIMITED || (long long)limit.rlim_cur < least))
		least = (long long)limit.rlim_cur;
	if (least == UNLIMITED) {
		finding_set(finding, ANSWER_YES, "no limit, and a whole run takes %lld", wanted);
	} else if (least >= wanted) {
		finding_set(finding, ANSWER_YES, "up to %lld, and a whole run takes %lld", least,
			    wanted);
	} else {
		finding_set(finding, ANSWER_NO, "up to %lld, and a whole run takes %lld", least,
			    wanted);
		finding_way(finding,
			    "raise ulimit -u or the control group's pids.max, or lastack run "
			    "--jobs %lld",
			    least > 4 ? (least - 2) / CASE_PROCESSES : 1);
	}
}
