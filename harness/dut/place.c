/* Where an agent listens, as text. */
#include "dut/dut.h"
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct address loopback = {.family = 4, .at = {127, 0, 0, 1}};

static int port_parse(const char *text, uint16_t *out)
{
	size_t len = strlen(text);
	unsigned long port;

	if (len == 0 || len > 5 || strspn(text, "0123456789") != len)
		return -EINVAL;
	port = strtoul(text, NULL, 10);
	if (port > UINT16_MAX)
		return -EINVAL;
	*out = (uint16_t)port;
	return 0;
}

/* An address, with "%INTERFACE" or without. It may be changed. */
static int host_parse(char *text, struct agent_address *out, struct why *why)
{
	char *scope = strchr(text, '%');

	if (scope)
		*scope++ = '\0';
	if (address_parse(text, &out->at) != 0 || (scope && out->at.family != 6))
		return why_set(why, EINVAL, "'%s' is no address", text);
	if (!scope)
		return 0;
	out->scope = if_nametoindex(scope);
	if (!out->scope)
		return why_set(why, ENODEV, "there is no interface '%s'", scope);
	return 0;
}

int agent_address_parse(const char *text, struct agent_address *out, struct why *why)
{
	struct agent_address parsed = {.at = loopback};
	char copy[AGENT_ADDRESS_TEXT_MAX], *host = copy, *port;
	int error = 0;

	if (strlen(text) >= sizeof(copy))
		return why_set(why, EINVAL, "want ADDR:PORT, and this is too long");
	strcpy(copy, text);
	port = strrchr(copy, ':');
	if (port)
		*port++ = '\0';
	else
		port = copy;
	if (port_parse(port, &parsed.port) != 0)
		return why_set(why, EINVAL, "'%s': want ADDR:PORT", text);
	if (port != copy && *host == '[' && strlen(host) > 2 && host[strlen(host) - 1] == ']') {
		host[strlen(host) - 1] = '\0';
		host++;
	} else if (strchr(host, ':') || strchr(host, '[')) {
		return why_set(why, EINVAL, "'%s': want an IPv6 address in brackets, [ADDR]:PORT",
		               text);
	}
	if (port != copy && *host)
		error = host_parse(host, &parsed, why);
	if (!error)
		*out = parsed;
	return error;
}

const char *agent_address_text(const struct agent_address *address,
                               char out[AGENT_ADDRESS_TEXT_MAX])
{
	char host[ADDRESS_TEXT_MAX], name[IF_NAMESIZE] = "", scope[IF_NAMESIZE + 1] = "";

	address_text(&address->at, host);
	if (address->scope && if_indextoname(address->scope, name))
		snprintf(scope, sizeof(scope), "%%%s", name);
	snprintf(out, AGENT_ADDRESS_TEXT_MAX, address->at.family == 6 ? "[%s%s]:%u" : "%s%s:%u",
	         host, scope, address->port);
	return out;
}
