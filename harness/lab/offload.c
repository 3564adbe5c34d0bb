/*
 * Offloads of an interface. With them on, a kernel hands veth segments without a checksum and
 * longer than the MTU, and a capture shows what never was on a wire.
 */
#include "lab/plumbing.h"
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct {
	uint32_t command;
	const char *name;
} offloads[] = {
	{ETHTOOL_STXCSUM, "tx checksumming"},
	{ETHTOOL_STSO, "TSO"},
	{ETHTOOL_SGSO, "GSO"},
	{ETHTOOL_SGRO, "GRO"},
};

int offloads_off(const char *interface, struct why *why)
{
	struct ethtool_value off = {.data = 0};
	struct ifreq request = {0};
	int fd, r = 0;

	strncpy(request.ifr_name, interface, sizeof(request.ifr_name) - 1);
	request.ifr_data = (void *)&off;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return why_set(why, errno, "cannot open a socket: %s", strerror(errno));
	for (size_t i = 0; i < sizeof(offloads) / sizeof(offloads[0]); i++) {
		off.cmd = offloads[i].command;
		if (ioctl(fd, SIOCETHTOOL, &request) == 0)
			continue;
		r = why_set(why, errno, "cannot turn off %s of %s: %s", offloads[i].name, interface,
			    strerror(errno));
		break;
	}
	close(fd);
	return r;
}

void link_ask(const char *interface)
{
	struct ethtool_value link = {.cmd = ETHTOOL_GLINK};
	struct ifreq request = {0};
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	strncpy(request.ifr_name, interface, sizeof(request.ifr_name) - 1);
	request.ifr_data = (void *)&link;
	ioctl(fd, SIOCETHTOOL, &request);
	close(fd);
}
