/*
 * lwIP: a program of this project's, linked with Debian's liblwip, on a tap device.
 */
#include "stack/inside.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INTERFACE "lwip0"
#define PROGRAM "lastack-lwip"

int lwip_start(struct started *out, struct why *why)
{
	static const struct mac mac = {{0x02, 0x00, 0x00, 0x00, 0x00, 0x02}};
	char name[] = PROGRAM, address4[] = "192.0.2.2", address6[] = "2001:db8::2";
	char *const argv[] = {name, address4, address6, NULL};
	char *path = path_beside(PROGRAM);
	struct program program = {.path = path, .argv = argv, .input = -1, .kept = -1};
	int r;

	if (!path)
		return why_set(why, ENOPKG,
			       "--stack lwip: there is no " PROGRAM " in the folder of this "
			       "program; install the package liblwip-dev, then build with sh "
			       "harness/bootstrap run");
	r = namespace_enter(why);
	if (!r)
		r = tap_make(INTERFACE, &program.input, why);
	/* The tap stays open here, too: where the stack dies, the wire is silent, and there. */
	if (!r)
		r = program_start(&program, &out->running, out->version, sizeof(out->version),
				  why);
	free(path);
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
