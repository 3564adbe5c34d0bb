/*
 * A network namespace with one interface, and the interface's other end.
 */
#include "stack/inside.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel has nothing to say on interfaces that are made here. */
static void kernel_quiet(void)
{
	int fd = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "1", 1) != 1)
		log_debug("a kernel that may speak on the stack's interface");
	close(fd);
}

int namespace_enter(struct why *why)
{
	if (!unshare(CLONE_NEWNET))
		return 0;
	if (errno == EPERM)
		return why_set(why, EPERM, "a network namespace cannot be made: CAP_SYS_ADMIN "
			       "is missing");
	return why_set(why, errno, "cannot make a network namespace: %s", strerror(errno));
}

int interface_up(const char *name, struct why *why)
{
	struct ifreq request = {.ifr_name = ""};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r = 0;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		r = why_set(why, errno, "'%s': %s", name, strerror(errno));
	request.ifr_flags |= IFF_UP;
	if (!r && ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		r = why_set(why, errno, "cannot bring '%s' up: %s", name, strerror(errno));
	if (fd >= 0)
		close(fd);
	return r;
}

int tap_make(const char *name, int *fd, struct why *why)
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int tap, r = 0;

	kernel_quiet();
	tap = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (tap < 0)
		return why_set(why, errno,
			       "/dev/net/tun: %s%s", strerror(errno),
			       errno == EACCES || errno == EPERM
				       ? "; run as root, or open it to users (chmod 666)"
				       : "; a stack needs the kernel's module tun");
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(tap, TUNSETIFF, &request) < 0)
		r = why_set(why, errno, "cannot make a tap device: %s", strerror(errno));
	if (!r && !fd && ioctl(tap, TUNSETPERSIST, 1) < 0)
		r = why_set(why, errno, "cannot keep a tap device: %s", strerror(errno));
	if (!r)
		r = interface_up(name, why);
	if (r || !fd)
		close(tap);
	else
		*fd = tap;
	return r;
}
