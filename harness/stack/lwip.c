/*
 * lwIP: a program of this project's, linked with Debian's liblwip, on a tap device.
 */
#include "stack/inside.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INTERFACE "lwip0"
#define PROGRAM "lastack-lwip"

/* It is beside this program, or where an installation puts it. */
static int program_find(char out[PATH_MAX], struct why *why)
{
	static const char *const places[] = {"", "../lib/lastack/"};
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	self[n > 0 ? n : 0] = '\0';
	slash = strrchr(self, '/');
	if (slash)
		slash[1] = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (snprintf(out, PATH_MAX, "%s%s" PROGRAM, self, places[i]) < PATH_MAX &&
		    !access(out, X_OK))
			return 0;
	return why_set(why, ENOPKG,
		       "--stack lwip: there is no " PROGRAM " in %s: install the package "
		       "liblwip-dev, and build again",
		       self);
}

int lwip_start(struct started *out, struct why *why)
{
	static const struct mac mac = {{0x02, 0x00, 0x00, 0x00, 0x00, 0x02}};
	char path[PATH_MAX];
	char name[] = PROGRAM, address4[] = "192.0.2.2", address6[] = "2001:db8::2";
	char *const argv[] = {name, address4, address6, NULL};
	struct program program = {.path = path, .argv = argv, .input = -1, .kept = -1};
	int r = program_find(path, why);

	if (!r)
		r = namespace_enter(why);
	if (!r)
		r = tap_make(INTERFACE, &program.input, why);
	if (r)
		return r;
	/* The tap stays open here, too: where the stack dies, the wire is silent, and there. */
	r = program_start(&program, &out->running, out->version, sizeof(out->version), why);
	if (r)
		return r;
	strcpy(out->interface, INTERFACE);
	address_parse(address4, &out->address[0]);
	address_parse(address6, &out->address[1]);
	address_parse("192.0.2.1", &out->peer[0]);
	address_parse("2001:db8::1", &out->peer[1]);
	out->mac[0] = out->mac[1] = mac;
	return 0;
}
