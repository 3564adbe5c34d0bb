/*
 * Does the interface hand over as one what came as several segments? Then a capture cannot tell
 * what was on the wire (ethtool(8): generic-receive-offload, large-receive-offload).
 */
#include "link/inside.h"
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static uint32_t asked(int fd, const struct link *link, uint32_t what)
{
	struct ethtool_value value = {.cmd = what};
	struct ifreq request = {.ifr_data = (void *)&value};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", link->interface);
	return ioctl(fd, SIOCETHTOOL, &request) ? 0 : value.data;
}

bool merges(const struct link *link)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool found;

	if (fd < 0)
		return false;
	found = asked(fd, link, ETHTOOL_GGRO) || asked(fd, link, ETHTOOL_GFLAGS) & ETH_FLAG_LRO;
	close(fd);
	return found;
}
