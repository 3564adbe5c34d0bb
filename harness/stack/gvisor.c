/*
 * gVisor's netstack, by runsc: a sandbox whose only program is this one, with its services. It
 * takes over the address and the link of the network namespace that it is started in.
 */
#include "stack/inside.h"
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "/usr/bin/runsc"
/* A file system of its own there has all that runsc writes. */
#define FOLDER "/run"

/* The container: this machine's files, which it cannot change, and a program of them. */
static int bundle_write(struct why *why)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	json_t *json;
	int r = 0;

	self[n > 0 ? n : 0] = '\0';
	json = json_pack(
		"{s:s, s:{s:{s:i, s:i}, s:[s, s], s:s, s:{s:[s], s:[s], s:[s]}}, s:{s:s, s:b}, "
		"s:[{s:s, s:s, s:s}], s:{s:[{s:s}, {s:s, s:s}, {s:s}]}}",
		"ociVersion", "1.0.0", "process", "user", "uid", 0, "gid", 0, "args", self,
		"services", "cwd", "/", "capabilities", "bounding", "CAP_NET_BIND_SERVICE",
		"effective", "CAP_NET_BIND_SERVICE", "permitted", "CAP_NET_BIND_SERVICE", "root",
		"path", "/", "readonly", 1, "mounts", "destination", "/proc", "type", "proc",
		"source", "proc", "linux", "namespaces", "type", "pid", "type", "network", "path",
		"/proc/1/ns/net", "type", "mount");
	if (!json || json_dump_file(json, FOLDER "/config.json", 0))
		r = why_set(why, EIO, "cannot write a container's description");
	json_decref(json);
	return r;
}

/*
 * The rest goes on as the first process of a namespace, with which all end that runsc starts; this
 * one waits for it.
 */
static int processes_enter(struct why *why)
{
	pid_t pid;

	if (unshare(CLONE_NEWPID | CLONE_NEWNS))
		return why_set(why, errno, "a process namespace cannot be made: %s",
			       strerror(errno));
	pid = fork();
	if (pid < 0)
		return why_set(why, errno, "fork: %s", strerror(errno));
	if (!pid)
		return prctl(PR_SET_PDEATHSIG, SIGKILL) ? why_set(why, errno, "prctl") : 0;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	_exit(1);
}

/* In the process that becomes runsc. */
static int sandbox_prepare(void *arg, struct why *why)
{
	struct lab_net net = *(const struct lab_net *)arg;
	int r;

	net.dut_netns = PROGRAM_KEPT_FD;
	r = lab_net_prepare_dut(&net, why);
	if (!r)
		r = processes_enter(why);
	if (r)
		return r;
	/* Some versions take any namespace for the machine's own where this folder has files. */
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", 0, NULL) || mount("tmpfs", FOLDER, "tmpfs", 0, NULL) ||
	    mount("tmpfs", "/proc/sys/net/core", "tmpfs", 0, NULL))
		return why_set(why, errno, "cannot mount what a sandbox needs: %s",
			       strerror(errno));
	if (dup2(PROGRAM_READY_FD, STDOUT_FILENO) < 0)
		return why_set(why, errno, "dup2: %s", strerror(errno));
	return bundle_write(why);
}

int gvisor_start(struct started *out, struct why *why)
{
	char name[] = "runsc", root[] = "--root=" FOLDER, platform[] = "--platform=ptrace",
	     network[] = "--network=sandbox", sums[] = "--rx-checksum-offload=false",
	     groups[] = "--ignore-cgroups", verb[] = "run",
	     bundle[] = "--bundle=" FOLDER, id[] = "dut";
	char *const argv[] = {name, root, platform, network, sums, groups, verb, bundle, id, NULL};
	struct lab_net net = {.dut_netns = -1};
	struct program program = {.path = PROGRAM, .argv = argv, .input = -1,
				  .prepare = sandbox_prepare, .arg = &net};
	char version[32] = "", said[32];
	int r;

	if (access(PROGRAM, X_OK))
		return why_set(why, ENOPKG,
			       "--stack gvisor: there is no " PROGRAM "; install the package "
			       "runsc");
	r = lab_net_enter_dut(&net, 4, why);
	if (!r)
		r = lab_net_connect(&net, why);
	if (r)
		return r;
	program.kept = net.dut_netns;
	r = program_start(&program, &out->running, said, sizeof(said), why);
	if (r)
		return r;
	program_version(PROGRAM, "runsc version ", version, sizeof(version));
	snprintf(out->version, sizeof(out->version), "gVisor %s", version);
	strcpy(out->interface, LAB_PEER_INTERFACE);
	out->address[0] = net.dut_address;
	out->peer[0] = net.peer_address;
	out->mac[0] = net.dut_mac;
	return 0;
}
