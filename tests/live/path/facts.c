/*
 * facts TARGET PORT MILLISECONDS: measures the path to a host in the two ways that a run does while
 * it goes on, and prints a line for each: "check: FACTS" and "monitor: FACTS", of that many
 * milliseconds. Then "left: N", the number of processes that are still there when both have been
 * ended. With CLOSED as a fourth argument that port is known to be closed.
 */
#include "target/target.h"
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT_LOW 20000
#define PORT_HIGH 20199
#define RATE 1000

static void fail(const char *what, const struct why *why)
{
	fprintf(stderr, "%s: %s\n", what, why->text);
	exit(1);
}

static void print(const char *what, const struct path_facts *facts)
{
	struct buffer words = {.at = NULL};

	path_text(&words, facts);
	printf("%s: %s\n", what, words.at);
	buffer_free(&words);
}

static void check_once(const struct lab_target *target)
{
	struct path_check *asked;
	struct pollfd ready = {.events = POLLIN};
	struct path_facts facts;
	struct why why;

	if (path_check_begin(&asked, target, &why))
		fail("path_check_begin", &why);
	ready.fd = path_check_fd(asked);
	poll(&ready, 1, -1);
	if (path_check_end(asked, &facts, &why))
		printf("check: %s\n", why.text);
	else
		print("check", &facts);
	/* One that nobody waits for is ended. */
	if (path_check_begin(&asked, target, &why))
		fail("path_check_begin", &why);
	if (path_check_end(asked, &facts, &why) != -ECANCELED)
		fail("path_check_end of one that goes on", &why);
}

/* The monitor is judged by what it saw of a time that begins once it samples. */
static void monitor_for(const struct lab_target *target, nanos time)
{
	struct path_monitor *beside;
	struct path_facts facts;
	struct why why;
	nanos begun;

	if (path_monitor_start(&beside, target, &why))
		fail("path_monitor_start", &why);
	do {
		poll(NULL, 0, 20);
		path_monitor_facts(beside, 0, INT64_MAX, &facts);
	} while (!facts.sent);
	begun = clock_monotonic();
	poll(NULL, 0, (int)(time / ms(1)));
	/* A request is lost when a second is over. */
	path_monitor_facts(beside, begun, begun + time - sec(1), &facts);
	print("monitor", &facts);
	path_monitor_free(beside);
}

static int children(void)
{
	int n = 0;

	while (waitpid(-1, NULL, WNOHANG) >= 0)
		n++;
	return n;
}

int main(int argc, char **argv)
{
	const struct link_wish wish = {
		.target = argv[1], .port_low = PORT_LOW, .port_high = PORT_HIGH};
	struct link link;
	struct lab_target target = {.link = &link,
				    .check_low = PORT_LOW,
				    .check_high = PORT_HIGH};
	struct why why;

	if (argc < 4)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	target.port = (uint16_t)atoi(argv[2]);
	if (argc > 4)
		target.closed_port = (uint16_t)atoi(argv[4]);
	if (link_find(&link, &wish, &why))
		fail("link_find", &why);
	if (link_keep(&target.keeper, &link, &why))
		fail("link_keep", &why);
	link_set_rate(target.keeper, RATE);
	check_once(&target);
	monitor_for(&target, ms(atoi(argv[3])));
	link_keeper_free(target.keeper);
	printf("left: %d\n", children());
	return 0;
}
