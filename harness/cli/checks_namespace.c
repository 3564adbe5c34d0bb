/*
 * What a lab is made of, each tried in a process of its own.
 */
#include "cli/checks.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <netlink/errno.h>
#include <netlink/idiag/idiagnl.h>
#include <netlink/netlink.h>
#include <pcap/pcap.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define NOBODY 65534

void look_user_namespace(struct finding *finding)
{
	struct why why = {.text = ""};

	/* Root asks as somebody else: for root it is no question. */
	if (!geteuid()) {
		if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY)) {
			finding_set(finding, ANSWER_NOTE, "not tried: %s", strerror(errno));
			return;
		}
		/* Otherwise /proc/self is root's, and the maps with it. */
		prctl(PR_SET_DUMPABLE, 1);
	}
	if (lab_become_root(&why))
		finding_refused(finding, &why);
	else
		finding_set(finding, ANSWER_YES, "an ordinary user may make them");
}

/* Root of some user namespace, in a fresh network namespace. False: finding says why not. */
static bool enter(struct finding *finding)
{
	struct why why = {.text = ""};
	int error;

	if (lab_become_root(&why)) {
		finding_refused(finding, &why);
		return false;
	}
	if (unshare(CLONE_NEWNET)) {
		error = errno;
		finding_set(finding, ANSWER_NO, "unshare: %s", strerror(error));
		if (error == ENOSPC)
			finding_way(finding, "raise the sysctl user.max_net_namespaces");
		else if (error == EINVAL)
			finding_way(finding, "a kernel with CONFIG_NET_NS");
		else
			finding_privilege(finding, "CAP_SYS_ADMIN");
		return false;
	}
	return true;
}

void look_network_namespace(struct finding *finding)
{
	if (enter(finding))
		finding_set(finding, ANSWER_YES, "they can be made");
}

void look_packet_socket(struct finding *finding)
{
	int fd, error;

	if (!enter(finding))
		return;
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	if (fd >= 0) {
		finding_set(finding, ANSWER_YES, "it can be opened");
		return;
	}
	error = errno;
	finding_set(finding, ANSWER_NO, "socket: %s", strerror(error));
	if (error == EAFNOSUPPORT)
		finding_way(finding, "a kernel with CONFIG_PACKET (modprobe af_packet)");
	else
		finding_privilege(finding, "CAP_NET_RAW");
}

/* Two namespaces and the veth pair between. */
static bool connect_both(struct finding *finding, struct lab_net *net)
{
	struct why why = {.text = ""};
	int r;

	if (lab_become_root(&why)) {
		finding_refused(finding, &why);
		return false;
	}
	r = lab_net_enter_dut(net, 4, &why);
	if (!r)
		r = lab_net_connect(net, &why);
	if (!r)
		return true;
	finding_set(finding, ANSWER_NO, "%s", why.text);
	if (r == -EPERM || r == -EACCES)
		finding_privilege(finding, "CAP_NET_ADMIN or CAP_SYS_ADMIN");
	else if (r == -EOPNOTSUPP)
		finding_way(finding, "a kernel with CONFIG_VETH (modprobe veth)");
	return false;
}

void look_veth(struct finding *finding)
{
	struct lab_net net = {.dut_netns = -1};

	if (connect_both(finding, &net))
		finding_set(finding, ANSWER_YES, "a pair can be made, with offloads off");
}

void look_timestamps(struct finding *finding)
{
	struct lab_net net = {.dut_netns = -1};
	char reason[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap;
	int r;

	if (!connect_both(finding, &net))
		return;
	pcap = pcap_create(net.peer_interface, reason);
	if (!pcap) {
		finding_set(finding, ANSWER_NO, "%s", reason);
		return;
	}
	r = pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
	if (!r)
		r = pcap_set_immediate_mode(pcap, 1);
	if (!r)
		r = pcap_activate(pcap);
	if (r < 0) {
		finding_set(finding, ANSWER_NO, "capture: %s", pcap_geterr(pcap));
		if (r == PCAP_ERROR_PERM_DENIED)
			finding_privilege(finding, "CAP_NET_RAW");
	} else if (pcap_get_tstamp_precision(pcap) != PCAP_TSTAMP_PRECISION_NANO) {
		finding_set(finding, ANSWER_NO, "microseconds only");
		finding_way(finding, "libpcap 1.5 or newer");
	} else {
		finding_set(finding, ANSWER_YES, "nanoseconds");
	}
	pcap_close(pcap);
}

void look_sock_diag(struct finding *finding)
{
	struct nl_sock *socket;
	int r;

	if (!enter(finding))
		return;
	socket = nl_socket_alloc();
	r = socket ? nl_connect(socket, NETLINK_SOCK_DIAG) : -NLE_NOMEM;
	if (r >= 0)
		r = idiagnl_send_simple(socket, 0, AF_INET, IDIAGNL_SS_ALL, 0);
	if (r >= 0)
		r = nl_recvmsgs_default(socket);
	nl_socket_free(socket);
	if (r >= 0) {
		finding_set(finding, ANSWER_YES, "the states of TCP sockets can be read");
		return;
	}
	finding_set(finding, ANSWER_NO, "the states of TCP sockets cannot be read: %s",
		    nl_geterror(r));
	finding_way(finding, "a kernel with CONFIG_INET_DIAG (modprobe tcp_diag)");
}

void look_sysctls(struct finding *finding)
{
	struct lab_net net = {.dut_netns = -1};
	char value[128], missing[256] = "";
	struct why why = {.text = ""};
	unsigned n = 0, all = 0;
	int r;

	if (!connect_both(finding, &net))
		return;
	/* Without a process or a descriptor the peer's namespace ends, and the pair with it. */
	if (open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC) < 0 ||
	    setns(net.dut_netns, CLONE_NEWNET)) {
		finding_set(finding, ANSWER_NO, "/proc/self/ns/net: %s", strerror(errno));
		return;
	}
	r = lab_net_prepare_dut(&net, &why);
	if (r) {
		finding_set(finding, ANSWER_NO, "%s", why.text);
		if (r == -EROFS || r == -EACCES || r == -EPERM)
			finding_way(finding, "a /proc/sys that can be written (in a container: "
					     "with --privileged)");
		return;
	}
	for (const struct lab_sysctl *pin = lab_pins; pin->name; pin++, all++) {
		if (lab_sysctl_read(pin->name, value, sizeof(value), &why) != -ENOENT)
			continue;
		snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing), "%s%s",
			 n ? ", " : "", pin->name);
		n++;
	}
	if (n)
		finding_set(finding, ANSWER_NOTE,
			    "%u of %u pins are left out, this kernel has no %s", n, all, missing);
	else
		finding_set(finding, ANSWER_YES, "all %u pins can be set", all);
}

/* A lab's observer that hears of nothing but a handshake that failed. */
static void ended(void *arg, bool broken, enum verdict verdict, int line, const char *message)
	__attribute__((noreturn));
static void ended(void *arg, bool broken, enum verdict verdict, int line, const char *message)
{
	(void)broken;
	(void)verdict;
	(void)line;
	finding_set(arg, ANSWER_NO, "built, but its first handshake failed: %s", message);
	finding_send(arg);
}

static void rung(void *arg, const struct rung *seen)
{
	(void)arg;
	(void)seen;
}

static void waiting(void *arg, const char *what, nanos until)
{
	(void)arg;
	(void)what;
	(void)until;
}

static void idle(void *arg)
{
	(void)arg;
}

static void look_lab(struct finding *finding, uint8_t family)
{
	struct lab_config config = {.family = family,
				    .seed = 1,
				    .time_scale = 1,
				    .timers = {sec(60), sec(60)},
				    .observer = {finding, rung, waiting, ended, idle}};
	nanos began = clock_monotonic();
	struct why why = {.text = ""};
	struct lab *lab;
	int r = lab_become_root(&why);

	if (r) {
		finding_refused(finding, &why);
		return;
	}
	r = lab_open(&lab, &config, &why);
	if (r) {
		finding_set(finding, ANSWER_NO, "%s", why.text);
		if (r == -EAFNOSUPPORT)
			finding_way(finding, "a kernel with IPv6 (without ipv6.disable=1)");
		return;
	}
	/* A real handshake, with the DUT's own kernel on the other side. */
	handshaken(lab);
	finding_set(finding, ANSWER_YES, "built, and a handshake done, within %.1f ms",
		    (double)(clock_monotonic() - began) / 1e6);
}

void look_lab4(struct finding *finding)
{
	look_lab(finding, 4);
}

void look_lab6(struct finding *finding)
{
	look_lab(finding, 6);
}
