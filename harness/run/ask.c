/*
 * A case that broke against a host has its verdict when the path has been measured once more, after
 * its process has ended: what that process did to the host cannot disturb the measurement then.
 */
#include "run/schedule.h"
#include <sys/epoll.h>

void job_ask(struct schedule *schedule, struct job *job)
{
	job->asks = true;
	schedule->asking++;
}

void ask_decide(struct schedule *schedule)
{
	for (size_t i = 0; i < schedule->plan.count; i++) {
		struct job *job = &schedule->plan.jobs[i];
		struct verdict_path path;

		if (!job->asked)
			continue;
		path_watch_facts(&schedule->watch, job->began, job->told_at, &path);
		job_judge(schedule, job, &path);
	}
}

void ask_take(struct schedule *schedule)
{
	const int fd = path_check_fd(schedule->watch.check);

	/* A process that was started meanwhile may have it, too: closing it is not enough. */
	epoll_ctl(schedule->epoll, EPOLL_CTL_DEL, fd, NULL);
	path_watch_take(&schedule->watch);
	ask_decide(schedule);
	/* The labs that were built before the host fell silent. */
	schedule_go(schedule);
}

void ask_give_up(struct schedule *schedule)
{
	for (size_t i = 0; i < schedule->plan.count; i++) {
		struct job *job = &schedule->plan.jobs[i];
		struct verdict_input input = {.end = END_SILENT, .message = ""};

		/* No further attempt, either. */
		schedule->waiting -= job->again;
		job->again = false;
		if (i >= schedule->next) {
			schedule->running++;
			schedule->opening++;
		} else if (job->judged) {
			continue;
		}
		job_end(schedule, job, &input, 0);
		job_kill(job);
	}
	schedule->next = schedule->plan.count;
}
