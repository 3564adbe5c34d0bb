/*
 * A target's name becomes a number, once.
 */
#include "link/inside.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static const char *over(uint8_t family)
{
	return family == 4 ? " over IPv4" : family == 6 ? " over IPv6" : "";
}

/* The address in an answer of getaddrinfo(). */
static int sockaddr_take(const struct addrinfo *info, struct address *out,
			 char scope[IF_NAMESIZE], struct why *why)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	*out = (struct address){.family = info->ai_family == AF_INET ? 4 : 6};
	scope[0] = '\0';
	if (out->family == 4) {
		memcpy(&in, info->ai_addr, sizeof(in));
		memcpy(out->at, &in.sin_addr, 4);
		return 0;
	}
	memcpy(&in6, info->ai_addr, sizeof(in6));
	memcpy(out->at, &in6.sin6_addr, 16);
	if (in6.sin6_scope_id && !if_indextoname(in6.sin6_scope_id, scope))
		return why_set(why, ENODEV, "no interface %u", in6.sin6_scope_id);
	return 0;
}

int name_resolve(const struct link_wish *wish, struct address *out, char scope[IF_NAMESIZE],
		 struct why *why)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
				 .ai_family = wish->family == 4	  ? AF_INET
					      : wish->family == 6 ? AF_INET6
								  : AF_UNSPEC};
	struct addrinfo *found = NULL;
	const char *percent = strchr(wish->target, '%');
	int r;

	if (!*wish->target)
		return why_set(why, EINVAL, "a target without a name: want one host");
	if (strchr(wish->target, '/'))
		return why_set(why, EINVAL, "%s is a whole network: want one host", wish->target);
	if (percent && !if_nametoindex(percent + 1))
		return why_set(why, ENODEV, "%s: no interface '%s'", wish->target, percent + 1);
	r = getaddrinfo(wish->target, NULL, &hints, &found);
	if (r)
		return why_set(why, EINVAL, "%s: %s%s", wish->target,
			       r == EAI_SYSTEM ? strerror(errno) : gai_strerror(r),
			       over(wish->family));
	r = sockaddr_take(found, out, scope, why);
	freeaddrinfo(found);
	return r;
}
