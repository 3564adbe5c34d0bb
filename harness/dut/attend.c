#include "dut/attend.h"
#include "dut/child.h"
#include "dut/connect.h"
#include "dut/handshake.h"
#include "dut/server.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define AUTHENTICATE_WITHIN sec(5)
#define PARENT_WITHIN sec(5)
#define FILES_MAX 1088 /* sockets, and some for the process itself */
#define MEMORY_MAX ((rlim_t)16 << 20)
#define HELD_MAX ((size_t)4 << 20) /* of it, for what waits to be written */

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

/* What a client may take of the host, and that nothing is written, started or dumped. */
static int attend_limit(struct why *why)
{
	static const struct {
		int what;
		rlim_t most;
	} limits[] = {
		{RLIMIT_NOFILE, FILES_MAX}, {RLIMIT_FSIZE, 0}, {RLIMIT_CORE, 0}, {RLIMIT_NPROC, 0},
#ifndef SANITIZED
		/* AddressSanitizer's shadow alone is more. */
		{RLIMIT_DATA, MEMORY_MAX},
#endif
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rlimit limit;

		if (getrlimit((__rlimit_resource_t)limits[i].what, &limit) != 0)
			return why_set(why, errno, "no limits: %s", strerror(errno));
		if (limit.rlim_max > limits[i].most)
			limit.rlim_max = limits[i].most;
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit((__rlimit_resource_t)limits[i].what, &limit) != 0)
			return why_set(why, errno, "no limits: %s", strerror(errno));
	}
	return 0;
}

static int parent_ask(int control, struct word *word)
{
	nanos deadline = clock_monotonic() + PARENT_WITHIN;
	int error;

	if (send(control, word, sizeof(*word), MSG_NOSIGNAL) != (ssize_t)sizeof(*word))
		return -EPIPE;
	error = socket_await(control, POLLIN, deadline);
	if (error)
		return error;
	if (recv(control, word, sizeof(*word), MSG_DONTWAIT) != (ssize_t)sizeof(*word))
		return -EPIPE;
	word->text[sizeof(word->text) - 1] = '\0';
	return -word->error;
}

static int parent_sysctl_set(void *arg, const char *name, int64_t value, struct why *why)
{
	struct word word = {.kind = WORD_SYSCTL, .value = value};
	int error;

	strncpy(word.text, name, sizeof(word.text) - 1);
	error = parent_ask(*(const int *)arg, &word);
	return error ? why_set(why, -error, "%s", word.text) : 0;
}

static void parent_tell(int control, const struct why *why)
{
	struct word word = {.kind = WORD_REFUSED};

	memcpy(word.text, why->text, sizeof(word.text));
	send(control, &word, sizeof(word), MSG_NOSIGNAL);
}

_Noreturn void attend_run(int conn, int control, pid_t parent, struct agent_token *token)
{
	nanos deadline = clock_monotonic() + AUTHENTICATE_WITHIN;
	const struct leave leave = {HELD_MAX, parent_sysctl_set, &control};
	struct word word = {.kind = WORD_ADMIT};
	int *const fds[] = {&conn, &control};
	struct why why = {.text = ""};
	int error = child_tie(parent, &why);

	child_reset_signals();
	if (!error)
		error = child_keep(fds, 2, &why);
	if (!error)
		error = child_drop_capabilities(false, &why);
	/* The kernel may have forgotten it. */
	if (!error)
		error = child_tie(parent, &why);
	if (!error)
		error = attend_limit(&why);
	if (!error)
		error = handshake_agent(conn, token, deadline, &why);
	explicit_bzero(token, sizeof(*token));
	if (error) {
		parent_tell(control, &why);
		_exit(1);
	}
	error = parent_ask(control, &word);
	if (error)
		why_set(&why, -error, "%s", word.text[0] ? word.text : "the agent is not well");
	if (child_say_hello(conn, error, word.value, &why) != 0 || error)
		_exit(1);
	_exit(server_run(conn, &leave, &why) ? 1 : 0);
}
