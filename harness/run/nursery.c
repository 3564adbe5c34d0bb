#include "run/nursery.h"
#include <errno.h>
#include <lastack/segment.h>
#include <limits.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * What of a job is decided when it starts; its evidence folder's path follows, which may be empty.
 * Its descriptors come beside: events, errors, go.
 */
struct request {
	size_t place; /* in the plan */
	bool ahead;
	unsigned attempt;
};

enum { DESCRIPTORS = 3 };

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(DESCRIPTORS * sizeof(int))];
};

/* folder has room for PATH_MAX. -EPIPE: the run has gone. */
static int request_take(int fd, struct request *request, char *folder, int descriptors[DESCRIPTORS])
{
	union control control;
	struct iovec parts[2] = {{request, sizeof(*request)}, {folder, PATH_MAX - 1}};
	struct msghdr message = {.msg_iov = parts,
				 .msg_iovlen = 2,
				 .msg_control = control.room,
				 .msg_controllen = sizeof(control.room)};
	struct cmsghdr *header;
	ssize_t got;

	do
		got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	header = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (got < (ssize_t)sizeof(*request) || !header || header->cmsg_type != SCM_RIGHTS)
		return -EPIPE;
	folder[(size_t)got - sizeof(*request)] = '\0';
	for (size_t i = 0; i < DESCRIPTORS; i++)
		descriptors[i] = -1;
	memcpy(descriptors, CMSG_DATA(header), header->cmsg_len - CMSG_LEN(0));
	return 0;
}

/* A child of the run, not of this process, which the run waits for and which dies with the run. */
static pid_t fork_sibling(void)
{
	return (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
}

/*
 * Memory that is free in pieces, between what is not, is taken for good: children find the one
 * piece at the heap's end then, and dirty as many pages as they need instead of one a piece.
 */
static void pieces_take(void)
{
	/* What is larger than the largest is no part of the heap. */
	enum { LARGEST = 1 << 16, LARGE = 1 << 12, STEP = 16, PIECES_MAX = 10000 };
	int pieces = 0;

	for (size_t size = LARGEST; size; size -= size > LARGE ? (size_t)LARGE : (size_t)STEP) {
		const uintptr_t last = (uintptr_t)sbrk(0) - mallinfo2().keepcost;
		void *piece;

		do
			piece = malloc(size);
		while (piece && (uintptr_t)piece < last && pieces++ < PIECES_MAX);
		free(piece);
	}
}

/*
 * Each page of the heap is written, in order, so that it is a page of this process's own and they
 * are neighbours in the machine's memory: user-mode Linux hands a child what is one piece at once.
 */
static void heap_line_up(void)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *end = sbrk(0);

	for (char *at = end - mallinfo2().arena; at < end; at += page)
		*(volatile char *)at = *(volatile char *)at;
}

static _Noreturn void nursery_serve(int fd, const struct plan *plan,
				    const struct run_options *options, nanos run_began, pid_t run)
{
	static char folder[PATH_MAX];
	int descriptors[DESCRIPTORS];
	struct request request;

	heap_line_up();
	pieces_take();
	/* What nearly every case would compute, into memory of its own. */
	pattern(1);
	while (!request_take(fd, &request, folder, descriptors)) {
		struct job *job = &plan->jobs[request.place];
		pid_t pid;

		job->ahead = request.ahead;
		job->attempt = request.attempt;
		job->folder = *folder ? folder : NULL;
		pid = fork_sibling();
		if (!pid)
			job_enter(job, options, run_began, run, descriptors);
		if (pid < 0)
			pid = -errno;
		for (size_t i = 0; i < DESCRIPTORS; i++)
			if (descriptors[i] >= 0)
				close(descriptors[i]);
		if (send(fd, &pid, sizeof(pid), MSG_NOSIGNAL) != sizeof(pid))
			break;
	}
	_exit(0);
}

int nursery_open(struct nursery *out, const struct plan *plan, const struct run_options *options,
		 nanos run_began, struct why *why)
{
	int ends[2];
	pid_t pid, run = getpid();

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return why_set(why, errno, "socketpair: %s", strerror(errno));
	/* What is buffered is written here, and not a second time by a child that calls exit(). */
	fflush(NULL);
	pid = fork();
	if (!pid) {
		close(ends[0]);
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != run)
			_exit(1);
		nursery_serve(ends[1], plan, options, run_began, run);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return why_set(why, errno, "fork: %s", strerror(errno));
	}
	*out = (struct nursery){.fd = ends[0], .plan = plan};
	return 0;
}

pid_t nursery_start(struct nursery *nursery, const struct job *job, const int descriptors[3])
{
	struct request request = {.place = (size_t)(job - nursery->plan->jobs),
				  .ahead = job->ahead,
				  .attempt = job->attempt};
	const size_t n = descriptors[2] >= 0 ? 3 : 2;
	struct iovec parts[2] = {{&request, sizeof(request)},
				 {job->folder, job->folder ? strlen(job->folder) : 0}};
	union control control = {.header = {.cmsg_len = CMSG_LEN(n * sizeof(int)),
					    .cmsg_level = SOL_SOCKET,
					    .cmsg_type = SCM_RIGHTS}};
	struct msghdr message = {.msg_iov = parts,
				 .msg_iovlen = 2,
				 .msg_control = control.room,
				 .msg_controllen = CMSG_SPACE(n * sizeof(int))};
	pid_t pid;
	ssize_t got;

	if (parts[1].iov_len >= PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(CMSG_DATA(&control.header), descriptors, n * sizeof(int));
	if (sendmsg(nursery->fd, &message, MSG_NOSIGNAL) < 0)
		return -errno;
	do
		got = recv(nursery->fd, &pid, sizeof(pid), 0);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	return got == sizeof(pid) ? pid : -EPIPE;
}

void nursery_close(struct nursery *nursery)
{
	if (nursery->fd >= 0)
		close(nursery->fd);
	nursery->fd = -1;
}
