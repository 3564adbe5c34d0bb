/*
 * The lab's namespaces: what is there, what is silent, and that any user can have them.
 */
#include "world.h"
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>

enum { MULTICAST_REPORT = 143 }; /* RFC 3810 5.2 */

static const uint32_t offloads[] = {ETHTOOL_GTXCSUM, ETHTOOL_GTSO, ETHTOOL_GGSO, ETHTOOL_GGRO};

static void offloads_are_off(const char *interface)
{
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct ethtool_value value = {0};
	struct ifreq request = {.ifr_data = (void *)&value};

	must(fd >= 0);
	strcpy(request.ifr_name, interface);
	for (size_t i = 0; i < sizeof(offloads) / sizeof(offloads[0]); i++) {
		value = (struct ethtool_value){.cmd = offloads[i], .data = 1};
		must(ioctl(fd, SIOCETHTOOL, &request) == 0);
		must(value.data == 0);
	}
	close(fd);
}

/* How many addresses of either family this interface has; equal tells whether one is address. */
static int addresses(const char *interface, const struct address *address, bool *equal)
{
	struct ifaddrs *list, *at;
	int n = 0;

	*equal = false;
	must(getifaddrs(&list) == 0);
	for (at = list; at; at = at->ifa_next) {
		const struct sockaddr *sa = at->ifa_addr;
		struct address got = {.family = 4};

		if (!sa || strcmp(at->ifa_name, interface) != 0)
			continue;
		if (sa->sa_family == AF_INET) {
			memcpy(got.at, &((const struct sockaddr_in *)sa)->sin_addr, 4);
		} else if (sa->sa_family == AF_INET6) {
			got.family = 6;
			memcpy(got.at, &((const struct sockaddr_in6 *)sa)->sin6_addr, 16);
		} else {
			continue;
		}
		n++;
		*equal |= address_equal(&got, address);
	}
	freeifaddrs(list);
	return n;
}

static void both_sides_are_as_they_should(uint8_t family)
{
	unsigned peer_index, dut_index;
	struct world world;
	bool equal;

	world_make(&world, family, NULL, NULL);
	must(fcntl(world.net.dut_netns, F_GETFD) & FD_CLOEXEC);
	must(world.net.family == family && world.net.peer_address.family == family);
	must(strcmp(world.net.peer_interface, LAB_PEER_INTERFACE) == 0);
	peer_index = if_nametoindex(LAB_PEER_INTERFACE);
	must(peer_index > 0 && if_nametoindex(LAB_DUT_INTERFACE) == 0);
	offloads_are_off(LAB_PEER_INTERFACE);
	must(addresses(LAB_PEER_INTERFACE, &world.net.peer_address, &equal) == 0);

	must(setns(world.net.dut_netns, CLONE_NEWNET) == 0);
	dut_index = if_nametoindex(LAB_DUT_INTERFACE);
	must(dut_index > 0 && if_nametoindex(LAB_PEER_INTERFACE) == 0);
	must(dut_index != peer_index); /* equal ones keep the link down for a second */
	offloads_are_off(LAB_DUT_INTERFACE);
	must(addresses(LAB_DUT_INTERFACE, &world.net.dut_address, &equal) == 1 && equal);
	must(addresses("lo", &world.net.dut_address, &equal) >= 1 && !equal); /* lo is up */
}

/* Spaces and tabs alike between the numbers of a sysctl. */
static void spaces(char *text)
{
	for (; *text; text++)
		if (*text == '\t')
			*text = ' ';
}

static void pins_hold(uint8_t family)
{
	struct world world;
	unsigned pinned = 0;
	char value[128];
	struct why why;

	world_make(&world, family, NULL, NULL);
	must(setns(world.net.dut_netns, CLONE_NEWNET) == 0);
	for (const struct lab_sysctl *pin = lab_pins; pin->name; pin++) {
		const int r = lab_sysctl_read(pin->name, value, sizeof(value), &why);

		must(pin->reason && strlen(pin->reason) > 5);
		if (r == -ENOENT)
			continue;
		must(r == 0);
		spaces(value);
		if (family == 6 || strncmp(pin->name, "net.ipv6.", 9) != 0) {
			if (strcmp(value, pin->value) != 0)
				fprintf(stderr, "%s is '%s'\n", pin->name, value);
			must(strcmp(value, pin->value) == 0);
			pinned++;
		}
	}
	must(pinned > 20);
}

static void wishes_go_over_pins(uint8_t family)
{
	static const struct lab_sysctl wishes[] = {
		{"net.ipv4.tcp_syn_retries", "2", NULL},
		{"net.ipv4.tcp_retries2", "7", NULL},
		{"net.ipv4.tcp_retries2", "8", NULL},
		{"net/ipv4/conf/dut0/rp_filter", "1", NULL},
		{NULL, NULL, NULL},
	};
	struct world world;
	char value[8];
	struct why why;

	world_make(&world, family, wishes, NULL);
	must(setns(world.net.dut_netns, CLONE_NEWNET) == 0);
	must_call(lab_sysctl_read("net.ipv4.tcp_syn_retries", value, sizeof(value), &why), why);
	must(strcmp(value, "2") == 0);
	must_call(lab_sysctl_read("net.ipv4.tcp_retries2", value, sizeof(value), &why), why);
	must(strcmp(value, "8") == 0);
	must_call(lab_sysctl_read("net.ipv4.conf.dut0.rp_filter", value, sizeof(value), &why), why);
	must(strcmp(value, "1") == 0);
}

static int wish(const struct lab_net *net, const char *name, const char *value, struct why *why)
{
	const struct lab_sysctl wishes[] = {{name, value, NULL}, {NULL, NULL, NULL}};
	struct lab_net with = *net;

	with.sysctls = wishes;
	why->text[0] = '\0';
	return lab_net_prepare_dut(&with, why);
}

static void bad_wishes_are_told(uint8_t family)
{
	static const char *const foreign[] = {"kernel.hostname",
					      "vm.swappiness",
					      "net",
					      "net.",
					      "nettle.x",
					      "net/../kernel/hostname",
					      "net...kernel.hostname",
					      "net//ipv4/tcp_sack",
					      "net/ipv4/../../kernel/hostname",
					      ""};
	struct lab_net net = {0};
	char value[4] = "old";
	struct why why;

	must_call(lab_become_root(&why), why);
	must_call(lab_net_enter_dut(&net, family, &why), why);
	must_call(lab_net_connect(&net, &why), why);
	must(wish(&net, "net.ipv4.tcp_no_such", "1", &why) == -ENOENT);
	must(strstr(why.text, "net.ipv4.tcp_no_such"));
	must(wish(&net, "net.ipv4.no.such.folder", "1", &why) == -ENOENT);
	must(wish(&net, "net.no_such", "1", &why) == -ENOENT);
	must(wish(&net, "net.ipv4.tcp_syn_retries", "many", &why) == -EINVAL);
	must(strstr(why.text, "net.ipv4.tcp_syn_retries") && strstr(why.text, "many"));
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		must(wish(&net, foreign[i], "1", &why) == -EINVAL);
		must(strlen(why.text) > 10);
	}
	must(lab_sysctl_read("net.ipv4.tcp_rmem", value, sizeof(value), &why) == -ENOSPC);
	must(strcmp(value, "old") == 0);
	must(lab_sysctl_read("net.ipv4.tcp_no_such", value, sizeof(value), &why) == -ENOENT);
	must(lab_sysctl_write("net.ipv4.tcp_syn_retries", "3", &why) == 0);
	must(lab_sysctl_read("net.ipv4.tcp_syn_retries", value, sizeof(value), &why) == 0);
	must(strcmp(value, "3") == 0);
}

/* No address is resolved, whatever it is: answers to strangers come by way of the peer too. */
static void strangers_are_answered(uint8_t family)
{
	static const char *const ipv4[] = {"192.0.2.77", "198.51.100.7", "10.1.2.3"};
	static const char *const ipv6[] = {"2001:db8::77", "2001:db8:ffff::7", "fd00::1"};
	struct wire_config config = {.interface = LAB_PEER_INTERFACE};
	struct packet packet, heard;
	struct world world;
	struct frame frame;
	struct why why;

	world_make(&world, family, NULL, NULL);
	config.mac = world.net.peer_mac;
	must_call(wire_open(&world.wire, &config, &why), why);
	for (int i = 0; i < 3; i++) {
		packet = world_packet(&world, SYN, 1, 0);
		must(address_parse((family == 4 ? ipv4 : ipv6)[i], &packet.source) == 0);
		must_call(wire_send(world.wire, &packet, NULL, NULL, &why), why);
		do { /* a stray multicast report may come between */
			must(world_hear(&world, &frame, &heard, clock_monotonic() + SOON));
			must(heard.kind != PACKET_ARP && heard.kind != PACKET_ND);
		} while (frame.outgoing || heard.kind != PACKET_TCP);
		must(heard.tcp.flags == (RST | ACK) && heard.tcp.ack == 2);
		must(address_equal(&heard.dest, &packet.source));
		must(memcmp(&heard.dest_mac, &world.net.peer_mac, sizeof(struct mac)) == 0);
	}
}

/* The DUT opens a connection as soon as it is ready: its first SYN is not lost. */
static void dut_connects(const struct lab_net *net, int fd)
{
	struct sockaddr_in6 peer6 = {.sin6_family = AF_INET6, .sin6_port = htons(80)};
	struct sockaddr_in peer4 = {.sin_family = AF_INET, .sin_port = htons(80)};
	const int s = socket(net->family == 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
	char go;

	memcpy(&peer6.sin6_addr, net->peer_address.at, 16);
	memcpy(&peer4.sin_addr, net->peer_address.at, 4);
	must(send(fd, "", 1, 0) == 1);
	must(recv(fd, &go, 1, 0) == 1);
	must(connect(s, net->family == 4 ? (const void *)&peer4 : (const void *)&peer6,
		     net->family == 4 ? sizeof(peer4) : sizeof(peer6)) < 0);
	must(errno == EINPROGRESS);
}

static void nothing_is_said_unasked(uint8_t family)
{
	struct wire_config config = {.interface = LAB_PEER_INTERFACE};
	struct packet heard;
	struct world world;
	struct frame frame;
	struct why why;
	nanos deadline;

	world_make(&world, family, NULL, dut_connects);
	config.mac = world.net.peer_mac;
	must_call(wire_open(&world.wire, &config, &why), why);
	must(send(world.dut, "", 1, 0) == 1);
	do {
		must(world_hear(&world, &frame, &heard, clock_monotonic() + SOON));
		must(heard.kind != PACKET_ARP && heard.kind != PACKET_ND);
	} while (heard.kind != PACKET_TCP);
	must(!frame.outgoing && heard.tcp.flags == SYN);
	/* The peer's kernel has nothing to say to that; the DUT's reports its group in IPv6. */
	deadline = clock_monotonic() + ms(500);
	while (world_hear(&world, &frame, &heard, deadline)) {
		must(!frame.outgoing);
		must(heard.kind == PACKET_ICMP && heard.icmp.type == MULTICAST_REPORT);
	}
}

FAMILIES(both_sides_are_as_they_should)
FAMILIES(pins_hold)
FAMILIES(wishes_go_over_pins)
FAMILIES(bad_wishes_are_told)
FAMILIES(strangers_are_answered)
FAMILIES(nothing_is_said_unasked)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(both_sides_are_as_they_should), BOTH(pins_hold),
		BOTH(wishes_go_over_pins),	     BOTH(bad_wishes_are_told),
		BOTH(strangers_are_answered),	     BOTH(nothing_is_said_unasked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
