/*
 * The wire between two kernels' namespaces: what is sent arrives byte for byte, lies included, and
 * what is heard is what a wire would carry.
 */
#include "world.h"
#include <netinet/in.h>

/* The DUT's process passes on each frame that comes in. */
static void dut_tap(const struct lab_net *net, int fd)
{
	struct wire_config config = {
		.interface = LAB_DUT_INTERFACE, .mac = net->dut_mac, .filter = "tcp"};
	struct wire *wire;
	struct frame frame;
	struct why why;
	int r;

	must_call(wire_open(&wire, &config, &why), why);
	must(send(fd, "", 1, 0) == 1);
	for (;;) {
		must_call(r = wire_next(wire, &frame, &why), why);
		if (r == 0)
			wait_readable(wire_fd(wire), clock_monotonic() + SOON);
		else if (!frame.outgoing)
			must(send(fd, frame.bytes, frame.captured, 0) > 0);
	}
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

static void every_drop_is_counted(uint8_t family)
{
	struct wire_config config = {
		.interface = LAB_PEER_INTERFACE, .filter = "tcp", .buffer_bytes = 32768};
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

FAMILIES(every_lie_arrives)
FAMILIES(only_the_right_checksum_is_answered)
FAMILIES(segments_are_as_on_a_wire)
FAMILIES(too_much_is_refused)
FAMILIES(every_drop_is_counted)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(every_lie_arrives),	 BOTH(only_the_right_checksum_is_answered),
		BOTH(segments_are_as_on_a_wire), BOTH(too_much_is_refused),
		BOTH(every_drop_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
