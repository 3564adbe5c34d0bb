#include "cli/checks.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK_TIME ms(10000)

const struct check checks[] = {
	{"kernel", false, false, look_kernel},
	{"capabilities", false, false, look_capabilities},
	{"user namespaces", false, true, look_user_namespace},
	{"network namespaces", true, true, look_network_namespace},
	{"packet socket", true, true, look_packet_socket},
	{"veth", true, true, look_veth},
	{"capture timestamps", true, true, look_timestamps},
	{"sock_diag", true, true, look_sock_diag},
	{"sysctls", true, true, look_sysctls},
	{"lab over IPv4", true, true, look_lab4},
	{"lab over IPv6", false, true, look_lab6},
	{"memory", false, false, look_memory},
	{"descriptors", false, false, look_descriptors},
	{"processes", false, false, look_processes},
	{"virtual time", false, false, look_virtual_time},
	{"stack lwip", false, true, look_stack_lwip},
	{"stack slirp", false, true, look_stack_slirp},
};
const size_t check_count = sizeof(checks) / sizeof(checks[0]);

void finding_set(struct finding *finding, enum answer answer, const char *format, ...)
{
	va_list args;

	finding->answer = answer;
	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
}

void finding_way(struct finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(finding->way, sizeof(finding->way), format, args);
	va_end(args);
}

void finding_refused(struct finding *finding, const struct why *why)
{
	const char *way = strstr(why->text, "run as root");
	size_t n = way ? (size_t)(way - why->text) : strlen(why->text);

	while (n && strchr(":; ", why->text[n - 1]))
		n--;
	finding_set(finding, ANSWER_NO, "%.*s", (int)n, why->text);
	if (way)
		finding_way(finding, "%s", way);
}

void finding_told(struct finding *finding, enum answer answer, const struct why *why)
{
	const char *way = strrchr(why->text, ';');

	finding_set(finding, answer, "%.*s",
		    (int)(way ? (size_t)(way - why->text) : strlen(why->text)), why->text);
	if (way)
		finding_way(finding, "%s", way + strspn(way, "; "));
}

void finding_privilege(struct finding *finding, const char *capability)
{
	if (!finding->root)
		finding_way(finding, "run as root");
	else
		finding_way(finding,
			    "root lacks %s here: in a container, start it with --privileged",
			    capability);
}

/* All of a finding, in time; false when the child ended without. */
static bool finding_read(int fd, struct finding *finding)
{
	struct pollfd waits = {.fd = fd, .events = POLLIN};
	nanos deadline = clock_monotonic() + CHECK_TIME;
	struct finding got;
	size_t have = 0;

	while (have < sizeof(got)) {
		nanos left = deadline - clock_monotonic();
		ssize_t n;

		if (left <= 0)
			return false;
		if (poll(&waits, 1, (int)(left / ms(1)) + 1) <= 0)
			continue;
		n = read(fd, (char *)&got + have, sizeof(got) - have);
		if (n <= 0)
			return false;
		have += (size_t)n;
	}
	*finding = got;
	return true;
}

void finding_send(const struct finding *finding)
{
	_exit(write(finding->reply, finding, sizeof(*finding)) != (ssize_t)sizeof(*finding));
}

void check_run(const struct check *check, struct finding *finding)
{
	int ends[2];
	pid_t pid;

	*finding = (struct finding){.answer = ANSWER_NO, .root = !geteuid()};
	if (!check->aside) {
		check->look(finding);
		return;
	}
	if (pipe(ends)) {
		finding_set(finding, ANSWER_NO, "pipe: %s", strerror(errno));
		return;
	}
	fflush(stdout);
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		finding->reply = ends[1];
		check->look(finding);
		finding_send(finding);
	}
	close(ends[1]);
	if (pid < 0)
		finding_set(finding, ANSWER_NO, "fork: %s", strerror(errno));
	else if (!finding_read(ends[0], finding))
		finding_set(finding, ANSWER_NO, "the process that tried it ended early");
	close(ends[0]);
	if (pid < 0)
		return;
	setpgid(pid, pid);
	if (kill(-pid, SIGKILL))
		kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
