/*
 * A borrowed address. The local kernel knows nothing of the connections that are played from it,
 * and would reset each: one rule drops just these RSTs. It stands in a table that a netlink socket
 * of this process owns, so that the kernel removes it whatever ends the process.
 */
#include "link/inside.h"
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static socklen_t own_make(const struct link *link, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port),
				   .sin6_scope_id = (uint32_t)link->ifindex};

	memset(out, 0, sizeof(*out));
	if (link->own.family == 4) {
		memcpy(&in.sin_addr, link->own.at, 4);
		memcpy(out, &in, sizeof(in));
		return sizeof(in);
	}
	memcpy(&in6.sin6_addr, link->own.at, 16);
	memcpy(out, &in6, sizeof(in6));
	return sizeof(in6);
}

/* Bound and no more: nobody else gets the port, and nothing is taken in by it. */
static int port_hold(const struct link *link, uint16_t port, struct why *why)
{
	struct sockaddr_storage own;
	socklen_t len = own_make(link, port, &own);
	int fd = socket(link->own.family == 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return why_set(why, errno, "cannot reserve port %u: %s", port, strerror(errno));
	if (bind(fd, (struct sockaddr *)&own, len)) {
		int error = errno;

		close(fd);
		if (error == EADDRINUSE && link->port_low == link->port_high)
			return why_set(why, error,
				       "source port %u is in use on this machine: name another "
				       "port, or none", port);
		return why_set(why, error, "cannot reserve port %u: %s", port, strerror(error));
	}
	return 0;
}

static void descriptors_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* The library is loaded when it is wanted: it brings others with it, and few runs borrow. */
#define FUNCTIONS(each)                                                                            \
	each(nft_ctx_new) each(nft_ctx_buffer_error) each(nft_run_cmd_from_buffer)                 \
	each(nft_ctx_get_error_buffer)

struct nft_library {
#define MEMBER(function) __typeof__(function) *function;
	FUNCTIONS(MEMBER)
#undef MEMBER
};

static int library_load(struct nft_library *out, struct why *why)
{
	void *handle = dlopen(LASTACK_LIBNFTABLES, RTLD_NOW | RTLD_LOCAL);
	bool good = handle != NULL;

#define LOAD(function)                                                                             \
	if (good) {                                                                                \
		*(void **)&out->function = dlsym(handle, #function);                               \
		good = out->function != NULL;                                                      \
	}
	FUNCTIONS(LOAD)
#undef LOAD
	if (!good)
		return why_set(why, ENOENT, "--source own needs %s, which cannot be loaded",
			       LASTACK_LIBNFTABLES);
	return 0;
}

static int table_make(const struct link *link, struct why *why)
{
	char own[ADDRESS_TEXT_MAX], target[ADDRESS_TEXT_MAX], commands[768];
	const char *ip = link->own.family == 4 ? "ip" : "ip6", *said;
	long name = (long)getpid();
	struct nft_library library = {.nft_ctx_new = NULL};
	struct nft_ctx *nft;
	int r = library_load(&library, why);

	if (r)
		return r;
	nft = library.nft_ctx_new(NFT_CTX_DEFAULT);
	if (!nft)
		return why_set(why, ENOMEM, "no memory for nftables");
	library.nft_ctx_buffer_error(nft);
	snprintf(commands, sizeof(commands),
		 "add table inet lastack_%ld { flags owner; }\n"
		 "add chain inet lastack_%ld out { type filter hook output priority 0; "
		 "policy accept; }\n"
		 "add rule inet lastack_%ld out %s saddr %s %s daddr %s tcp sport %u-%u "
		 "tcp flags & rst == rst drop\n",
		 name, name, name, ip, address_text(&link->own, own), ip,
		 address_text(&link->target, target), link->port_low, link->port_high);
	/* The context lives on to the process's end: its socket owns the table. */
	if (!library.nft_run_cmd_from_buffer(nft, commands))
		return 0;
	said = library.nft_ctx_get_error_buffer(nft);
	return why_set(why, EPERM,
		       "--source own needs an nftables rule, and leave to make it "
		       "(CAP_NET_ADMIN): %.*s",
		       said ? (int)strcspn(said, "\n") : 0, said ? said : "");
}

/*
 * Segments may be meant for a live connection of this machine: its port is the kernel's, and the
 * kernel's own RSTs belong to that connection.
 */
static int guard_share(const struct link *link, struct why *why)
{
	int r = port_hold(link, link->port_low, why);

	if (r == -EADDRINUSE)
		return 0;
	return r ? r : table_make(link, why);
}

int guard_hold(const struct link *link, struct why *why)
{
	/* First: what talks to nftables waits by select(), whose descriptors are below 1024. */
	int r = link->shares ? guard_share(link, why) : table_make(link, why);

	if (link->shares)
		return r;
	descriptors_raise();
	for (unsigned port = link->port_low; !r && port <= link->port_high; port++)
		r = port_hold(link, (uint16_t)port, why);
	return r;
}
