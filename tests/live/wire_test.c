/*
 * The wire between two kernels' namespaces: what is sent arrives byte for byte, lies included, and
 * what is heard is what a wire would carry.
 */
#include "world.h"
#include <netinet/in.h>

/* The DUT's process passes on each frame that comes in. */
static void dut_hears(const struct wire_config *config, int fd)
{
	struct wire *wire;
	struct frame frame;
	struct why why;
	int r;

	must_call(wire_open(&wire, config, &why), why);
	must(send(fd, "", 1, 0) == 1);
	for (;;) {
		must_call(r = wire_next(wire, &frame, &why), why);
		if (r == 0)
			wait_readable(wire_fd(wire), clock_monotonic() + SOON);
		else if (!frame.outgoing)
			must(send(fd, frame.bytes, frame.captured, 0) > 0);
	}
}

static void dut_tap(const struct lab_net *net, int fd)
{
	dut_hears(&(struct wire_config){.interface = LAB_DUT_INTERFACE, .mac = net->dut_mac,
					.filter = "tcp"}, fd);
}

/* By a plain socket, and also what is tagged. */
static void dut_tap_brief(const struct lab_net *net, int fd)
{
	dut_hears(&(struct wire_config){.interface = LAB_DUT_INTERFACE, .mac = net->dut_mac,
					.filter = "tcp or vlan", .brief = true}, fd);
}

/* A socket that listens on port 80 in the DUT. */
static int dut_listener_open(const struct lab_net *net)
{
	const struct sockaddr_in6 any6 = {.sin6_family = AF_INET6, .sin6_port = htons(80)};
	const struct sockaddr_in any4 = {.sin_family = AF_INET, .sin_port = htons(80)};
	const int fd = socket(net->family == 4 ? AF_INET : AF_INET6, SOCK_STREAM, 0);

	must(fd >= 0);
	must(bind(fd, net->family == 4 ? (const void *)&any4 : (const void *)&any6,
		  net->family == 4 ? sizeof(any4) : sizeof(any6)) == 0);
	must(listen(fd, 16) == 0);
	return fd;
}

static void dut_listen_only(const struct lab_net *net, int fd)
{
	dut_listener_open(net);
	must(send(fd, "", 1, 0) == 1);
}

/* Accepts one connection and writes 20,000 bytes to it. */
static void dut_writes(const struct lab_net *net, int fd)
{
	static char data[20000];
	const int listener = dut_listener_open(net);
	int connection;

	must(send(fd, "", 1, 0) == 1);
	connection = accept(listener, NULL, NULL);
	must(connection >= 0);
	must(write(connection, data, sizeof(data)) == sizeof(data));
}

/* Sent, heard on our side as ours, and arrived: three times the same bytes. */
static void arrives(struct world *world, const struct packet *packet)
{
	const nanos deadline = clock_monotonic() + SOON;
	uint8_t arrived[2048];
	const uint8_t *sent;
	struct packet parsed;
	struct frame frame;
	struct why why;
	size_t len;

	must_call(wire_send(world->wire, packet, &sent, &len, &why), why);
	must(wait_readable(world->dut, deadline));
	must(recv(world->dut, arrived, sizeof(arrived), 0) == (ssize_t)len);
	must(memcmp(arrived, sent, len) == 0);
	do
		must(world_hear(world, &frame, &parsed, deadline));
	while (!frame.outgoing);
	must(frame.len == len && frame.captured == len);
	must(memcmp(frame.bytes, sent, len) == 0);
}

static void every_lie_arrives(uint8_t family)
{
	static const uint8_t data[1399] = "odd";
	struct world world;
	struct packet honest, packet;

	world_make(&world, family, NULL, dut_tap);
	world_wire(&world, NULL);
	honest = packet = world_packet(&world, SYN, 1, 0);
	arrives(&world, &packet);
	packet.lies = LIE_BAD_CHECKSUM;
	arrives(&world, &packet);
	packet.lies = LIE_ZERO_CHECKSUM;
	arrives(&world, &packet);
	packet = honest;
	packet.set_checksum = true;
	packet.tcp.checksum = 0x5555;
	arrives(&world, &packet);
	packet = honest;
	packet.tcp.data_offset = 15;
	packet.tcp.reserved = 5;
	packet.tcp.flags = AE | CWR | ECE | URG | FIN | PSH;
	arrives(&world, &packet);
	packet = honest;
	packet.set_ip_length = packet.set_ip_checksum = true;
	packet.ip_length = 50;
	packet.ip_checksum = 0x1234;
	arrives(&world, &packet);
	packet = honest;
	packet.tcp.option_bytes = 39;
	memset(packet.tcp.options, OPTION_NOP, 39);
	packet.tcp.data = data;
	packet.tcp.len = sizeof(data);
	arrives(&world, &packet);
	arrives(&world, &honest);
}

/* A wrong checksum is told from a right one by the DUT, and the answer's own is finished. */
static void only_the_right_checksum_is_answered(uint8_t family)
{
	struct world world;
	struct packet packet, heard;
	struct frame frame;
	struct why why;
	nanos sent = 0;

	world_make(&world, family, NULL, dut_listen_only);
	world_wire(&world, NULL);
	packet = world_packet(&world, SYN, 1000, 0);
	packet.tcp.source_port = 40000;
	packet.lies = LIE_BAD_CHECKSUM;
	must_call(wire_send(world.wire, &packet, NULL, NULL, &why), why);
	packet = world_packet(&world, SYN, 1000, 0);
	must_call(wire_send(world.wire, &packet, NULL, NULL, &why), why);
	do {
		must(world_hear(&world, &frame, &heard, clock_monotonic() + SOON));
		if (frame.outgoing)
			sent = frame.time;
	} while (frame.outgoing);
	must(heard.kind == PACKET_TCP && heard.tcp.flags == (SYN | ACK));
	must(heard.tcp.dest_port == 40001 && heard.tcp.ack == 1001);
	must(heard.tcp.checksum_state == CHECKSUM_GOOD && !heard.ip_checksum_bad);
	must(frame.time > sent && frame.time - sent < SOON);
	must(llabs(frame.time - clock_realtime()) < SOON);
	/* The other SYN was no good, and the peer's kernel has nothing to say to a SYN-ACK. */
	must(!world_hear(&world, &frame, &heard, clock_monotonic() + ms(200)));
}

static void segments_are_as_on_a_wire(uint8_t family)
{
	const unsigned mss = family == 4 ? 1460 : 1440;
	struct packet packet, heard;
	struct world world;
	struct why why;

	world_make(&world, family, NULL, dut_writes);
	world_wire(&world, NULL);
	packet = world_packet(&world, SYN, 0, 0);
	packet.tcp.options[0] = OPTION_MSS;
	packet.tcp.options[1] = 4;
	packet.tcp.options[2] = (uint8_t)(mss >> 8);
	packet.tcp.options[3] = (uint8_t)mss;
	packet.tcp.option_bytes = 4;
	must_call(wire_send(world.wire, &packet, NULL, NULL, &why), why);
	world_expect(&world, &heard);
	must(heard.tcp.flags == (SYN | ACK));
	packet = world_packet(&world, ACK, 1, heard.tcp.seq + 1);
	must_call(wire_send(world.wire, &packet, NULL, NULL, &why), why);
	for (unsigned i = 0; i < 10; i++) { /* the initial window, RFC 6928 */
		world_expect(&world, &heard);
		must(heard.tcp.seq == packet.tcp.ack + i * mss);
		must(heard.tcp.len == mss && heard.tcp.cut == 0);
		must(heard.tcp.checksum_state == CHECKSUM_GOOD);
	}
}

static void too_much_is_refused(uint8_t family)
{
	static const uint8_t data[4000];
	struct packet packet;
	struct world world;
	struct why why;

	world_make(&world, family, NULL, dut_tap);
	world_wire(&world, NULL);
	packet = world_packet(&world, ACK, 1, 1);
	packet.tcp.data = data;
	packet.tcp.len = family == 4 ? 1460 : 1440; /* veth's MTU is 1500 */
	arrives(&world, &packet);
	packet.tcp.len++;
	must(wire_send(world.wire, &packet, NULL, NULL, &why) == -EMSGSIZE);
	must(wire_send_bytes(world.wire, data, sizeof(data), &why) == -EMSGSIZE);
	packet.tcp.len--;
	arrives(&world, &packet);
}

static void drops_are_counted(uint8_t family, bool brief)
{
	struct wire_config config = {.interface = LAB_PEER_INTERFACE, .filter = "tcp",
				     .buffer_bytes = 32768, .brief = brief};
	struct packet packet, heard;
	unsigned dropped = 1, n = 0;
	struct world world;
	struct frame frame;
	struct why why;

	world_make(&world, family, NULL, NULL);
	config.mac = world.net.peer_mac;
	must_call(wire_open(&world.wire, &config, &why), why);
	must(wire_dropped(world.wire, &dropped) == 0 && dropped == 0);
	packet = world_packet(&world, RST, 1, 0); /* which nobody answers */
	for (unsigned i = 0; i < 2000; i++)
		must_call(wire_send(world.wire, &packet, NULL, NULL, &why), why);
	while (world_hear(&world, &frame, &heard, clock_monotonic()))
		n += heard.kind == PACKET_TCP;
	must(wire_dropped(world.wire, &dropped) == 0);
	must(n > 0 && n < 2000);
	must(dropped == 2000 - n);
}

static void every_drop_is_counted(uint8_t family)
{
	drops_are_counted(family, false);
}

static void plain_socket_counts_drops(uint8_t family)
{
	drops_are_counted(family, true);
}

/* A tag is taken out by the interface that hears it, and put back by the wire. */
static void plain_socket_has_tags(uint8_t family)
{
	uint8_t plain[256], tagged[256], arrived[256];
	struct packet packet;
	struct world world;
	struct why why;
	size_t len;

	world_make(&world, family, NULL, dut_tap_brief);
	world_wire(&world, NULL);
	packet = world_packet(&world, SYN, 1, 0);
	arrives(&world, &packet);
	must(packet_encode(&packet, plain, sizeof(plain), &len) == 0);
	memcpy(tagged, plain, 12);
	memcpy(tagged + 12, "\x81\x00\x20\x07", 4);
	memcpy(tagged + 16, plain + 12, len - 12);
	must_call(wire_send_bytes(world.wire, tagged, len + 4, &why), why);
	must(wait_readable(world.dut, clock_monotonic() + SOON));
	must(recv(world.dut, arrived, sizeof(arrived), 0) == (ssize_t)len + 4);
	must(memcmp(arrived, tagged, len + 4) == 0);
}

/* Both hear the SYN leave and the answer come, at the same times. */
static void plain_socket_hears_what_libpcap_does(uint8_t family)
{
	const nanos deadline = clock_monotonic() + SOON;
	struct frame frame[2];
	struct packet packet;
	struct world world, brief;
	struct wire_config config = {.interface = LAB_PEER_INTERFACE, .brief = true,
				     .filter = "tcp"};
	unsigned dropped = 1;
	struct why why;

	world_make(&world, family, NULL, dut_listen_only);
	world_wire(&world, NULL);
	config.mac = world.net.peer_mac;
	brief = world;
	must_call(wire_open(&brief.wire, &config, &why), why);
	packet = world_packet(&world, SYN, 1, 0);
	must_call(wire_send(brief.wire, &packet, NULL, NULL, &why), why);
	for (int i = 0; i < 2; i++) {
		must(world_hear(&world, &frame[0], &packet, deadline));
		must(world_hear(&brief, &frame[1], &packet, deadline));
		must(frame[0].outgoing == (i == 0) && frame[1].outgoing == (i == 0));
		must(frame[0].len == frame[1].len && frame[0].captured == frame[1].captured);
		must(memcmp(frame[0].bytes, frame[1].bytes, frame[0].len) == 0);
		/* The kernel begins to stamp a moment after it was asked to, and that is told. */
		must(wire_stamps_late(brief.wire) || frame[1].time - frame[0].time < us(5));
		must(wire_stamps_late(brief.wire) || frame[0].time - frame[1].time < us(5));
	}
	must(packet.kind == PACKET_TCP && packet.tcp.flags == (SYN | ACK));
	must(wire_dropped(brief.wire, &dropped) == 0 && dropped == 0);
	wire_free(brief.wire, true);
}

FAMILIES(every_lie_arrives)
FAMILIES(only_the_right_checksum_is_answered)
FAMILIES(segments_are_as_on_a_wire)
FAMILIES(too_much_is_refused)
FAMILIES(every_drop_is_counted)
FAMILIES(plain_socket_counts_drops)
FAMILIES(plain_socket_has_tags)
FAMILIES(plain_socket_hears_what_libpcap_does)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(every_lie_arrives),	 BOTH(only_the_right_checksum_is_answered),
		BOTH(segments_are_as_on_a_wire), BOTH(too_much_is_refused),
		BOTH(every_drop_is_counted),	 BOTH(plain_socket_counts_drops),
		BOTH(plain_socket_has_tags),	 BOTH(plain_socket_hears_what_libpcap_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
