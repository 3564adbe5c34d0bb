#include "packet/packet.h"
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

bool address_equal(const struct address *a, const struct address *b)
{
	return a->family == b->family && !memcmp(a->at, b->at, a->family == 4 ? 4 : 16);
}

bool address_link_local(const struct address *address)
{
	return address->family == 6 && address->at[0] == 0xfe && (address->at[1] & 0xc0) == 0x80;
}

int address_parse(const char *text_, struct address *out)
{
	struct address address = {.family = 0};

	if (inet_pton(AF_INET, text_, address.at) == 1)
		address.family = 4;
	else if (inet_pton(AF_INET6, text_, address.at) == 1)
		address.family = 6;
	else
		return -EINVAL;
	*out = address;
	return 0;
}

const char *address_text(const struct address *address, char out[ADDRESS_TEXT_MAX])
{
	int family = address->family == 4 ? AF_INET : AF_INET6;

	if (!inet_ntop(family, address->at, out, ADDRESS_TEXT_MAX))
		out[0] = '\0';
	return out;
}
