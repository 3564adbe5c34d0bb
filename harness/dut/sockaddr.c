#include "dut/sockaddr.h"
#include <netinet/in.h>
#include <string.h>

socklen_t sockaddr_make(const struct address *address, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	memset(out, 0, sizeof(*out));
	if (address->family == 4) {
		memcpy(&v4.sin_addr, address->at, 4);
		memcpy(out, &v4, sizeof(v4));
		return sizeof(v4);
	}
	memcpy(&v6.sin6_addr, address->at, 16);
	memcpy(out, &v6, sizeof(v6));
	return sizeof(v6);
}

void sockaddr_read(const struct sockaddr_storage *from, socklen_t len, struct address *address,
                   uint16_t *port)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (from->ss_family == AF_INET && len >= sizeof(v4)) {
		memcpy(&v4, from, sizeof(v4));
		*address = (struct address){.family = 4};
		memcpy(address->at, &v4.sin_addr, 4);
		*port = ntohs(v4.sin_port);
	} else if (from->ss_family == AF_INET6 && len >= sizeof(v6)) {
		memcpy(&v6, from, sizeof(v6));
		*address = (struct address){.family = 6};
		memcpy(address->at, &v6.sin6_addr, 16);
		*port = ntohs(v6.sin6_port);
	}
}
