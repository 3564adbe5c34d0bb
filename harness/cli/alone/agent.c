/*
 * lastack-agent: lastack agent as a program of its own, for hosts that have nothing else.
 */
#include "cli/cli.h"
#include <errno.h>
#include <string.h>

int main(int argc, char **argv)
{
	static char name[] = "lastack-agent";
	int status;

	process_prepare();
	if (argc > 0)
		argv[0] = name;
	status = verb_agent(argc, argv);
	if (fflush(stdout) || ferror(stdout))
		return complain(EXIT_HARNESS, "standard output: %s", strerror(errno ? errno : EIO));
	return status;
}
