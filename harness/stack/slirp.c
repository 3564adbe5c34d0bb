/*
 * libslirp, a descendant of 4.4BSD's TCP, by slirp4netns: the program ends the peer's connections
 * and makes each anew, by a socket, to the loopback address of the namespace that it runs in.
 */
#include "stack/inside.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "/usr/bin/slirp4netns"
#define INTERFACE "tap0"

/* In its own process: a namespace of its own, with the services that it connects to. */
static int outside_prepare(void *arg, struct why *why)
{
	int r = namespace_enter(why);

	(void)arg;
	if (!r)
		r = interface_up("lo", why);
	if (!r)
		r = services_start(why);
	return r;
}

int slirp_start(struct started *out, struct why *why)
{
	char path[64], version[32] = "", said[32];
	char name[] = "slirp4netns", ready[] = "--ready-fd=3", type[] = "--netns-type=path",
	     v6[] = "--enable-ipv6", tap[] = INTERFACE;
	char *const argv[] = {name, ready, type, v6, path, tap, NULL};
	struct program program = {
		.path = PROGRAM, .argv = argv, .input = -1, .kept = -1, .prepare = outside_prepare};
	int r;

	if (access(PROGRAM, X_OK))
		return why_set(why, ENOPKG,
			       "--stack slirp: there is no " PROGRAM "; install the package "
			       "slirp4netns");
	r = namespace_enter(why);
	if (!r)
		r = tap_make(INTERFACE, NULL, why);
	if (r)
		return r;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)getpid());
	r = program_start(&program, &out->running, said, sizeof(said), why);
	if (r)
		return r;
	program_version(PROGRAM, "libslirp: ", version, sizeof(version));
	snprintf(out->version, sizeof(out->version), "libslirp %s", version);
	strcpy(out->interface, INTERFACE);
	address_parse("10.0.2.2", &out->address[0]);
	address_parse("fd00::2", &out->address[1]);
	address_parse("10.0.2.100", &out->peer[0]);
	address_parse("fd00::100", &out->peer[1]);
	/* It makes them of the addresses. */
	out->mac[0] = (struct mac){{0x52, 0x55, 10, 0, 2, 2}};
	out->mac[1] = (struct mac){{0x52, 0x56, 0, 0, 0, 2}};
	return 0;
}
