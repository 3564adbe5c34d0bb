/*
 * What a program must see to before it opens anything: its standard descriptors and signals.
 */
#include "base/base.h"
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* Without a /dev/null, as in a guest's init, nothing is opened. */
void process_prepare(void)
{
	/* Written to, standard output fails with EBADF; what is said on stderr is lost. */
	static const int modes[] = {O_RDONLY, O_RDONLY, O_WRONLY};

	signal(SIGXFSZ, SIG_IGN);
	for (int fd = 0; fd < 3; fd++) {
		/* The lowest number that is free is taken, and that is this one. */
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd)
			return;
	}
}
