#include "cli/cli.h"
#include "guest/guest.h"

int verb_guest(int argc, char **argv)
{
	struct why why = {.text = ""};

	/* Some kernels put words of their own behind. */
	if (argc < 2)
		return complain(EXIT_USAGE, "guest is what a guest kernel starts as its init");
	guest_init(argv + 1, &why);
	return complain(EXIT_USAGE, "%s", why.text);
}
