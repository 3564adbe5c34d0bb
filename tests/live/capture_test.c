/*
 * The capture file: every frame heard or sent, with the times the case saw; or no file at all.
 */
#include "world.h"
#include <fcntl.h>
#include <pcap/pcap.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

static void path_of(char path[64])
{
	snprintf(path, 64, "/tmp/lastack-capture-%d", (int)getpid());
}

static bool there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Send a few SYNs to a closed port, and hear all that comes of it. */
static size_t conversation(struct world *world, struct frame *frames, uint8_t (*bytes)[128],
			   size_t most)
{
	struct packet packet = world_packet(world, SYN, 1, 0), heard;
	struct frame frame;
	struct why why;
	size_t n = 0, resets = 0;

	for (uint16_t i = 0; i < 5; i++) {
		packet.tcp.source_port = (uint16_t)(40001 + i);
		must_call(wire_send(world->wire, &packet, NULL, NULL, &why), why);
	}
	while (resets < 5) {
		must(n < most);
		must(world_hear(world, &frame, &heard, clock_monotonic() + SOON));
		resets += heard.kind == PACKET_TCP && heard.tcp.flags == (RST | ACK);
		must(frame.captured <= 128);
		memcpy(bytes[n], frame.bytes, frame.captured);
		frames[n] = frame;
		frames[n].bytes = bytes[n];
		n++;
	}
	return n;
}

static void the_file_holds_every_frame(uint8_t family)
{
	char path[64], text[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	uint8_t bytes[32][128];
	struct frame frames[32];
	struct world world;
	struct why why;
	const u_char *at;
	pcap_t *file;
	size_t n;

	path_of(path);
	world_make(&world, family, NULL, NULL);
	world_wire(&world, path);
	n = conversation(&world, frames, bytes, 32);
	must(n == 10);
	must_call(wire_capture_end(world.wire, &why), why);
	must_call(wire_capture_end(world.wire, &why), why); /* twice is fine */
	file = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, text);
	must(file);
	must(pcap_datalink(file) == DLT_EN10MB);
	for (size_t i = 0; i < n; i++) {
		must(pcap_next_ex(file, &header, &at) == 1);
		must(sec(header->ts.tv_sec) + header->ts.tv_usec == frames[i].time);
		must(header->caplen == frames[i].captured && header->len == frames[i].len);
		must(memcmp(at, frames[i].bytes, header->caplen) == 0);
	}
	must(pcap_next_ex(file, &header, &at) == PCAP_ERROR_BREAK);
	pcap_close(file);
	must(unlink(path) == 0);
	/* The wire goes on without its file. */
	must(conversation(&world, frames, bytes, 32) == 10);
	must(!there(path));
}

/* The magic number of pcap with nanoseconds, in this machine's byte order. */
static void the_file_says_nanoseconds(uint8_t family)
{
	struct world world;
	uint32_t magic = 0;
	struct why why;
	char path[64];
	int fd;

	path_of(path);
	world_make(&world, family, NULL, NULL);
	world_wire(&world, path);
	must_call(wire_capture_end(world.wire, &why), why);
	fd = open(path, O_RDONLY);
	must(fd >= 0 && read(fd, &magic, sizeof(magic)) == sizeof(magic));
	must(magic == 0xa1b23c4d);
	must(unlink(path) == 0);
}

/* Send until the file must have outgrown the room there is, and end it. */
static int capture_overflow(struct world *world, struct why *why)
{
	struct packet packet = world_packet(world, RST, 1, 0), heard;
	struct frame frame;

	for (int i = 0; i < 1000; i++) {
		must_call(wire_send(world->wire, &packet, NULL, NULL, why), *why);
		must(world_hear(world, &frame, &heard, clock_monotonic() + SOON));
	}
	return wire_capture_end(world->wire, why);
}

static void a_full_disk_leaves_no_file(uint8_t family)
{
	static const char path[] = "/tmp/wire.pcap";
	struct world world;
	struct why why;

	world_make(&world, family, NULL, NULL);
	must(unshare(CLONE_NEWNS) == 0);
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	must(mount("tmpfs", "/tmp", "tmpfs", 0, "size=32k") == 0);
	world_wire(&world, path);
	must(there(path));
	must(capture_overflow(&world, &why) == -ENOSPC);
	must(strstr(why.text, path) && strstr(why.text, "No space"));
	must(!there(path));
}

static void a_limited_file_is_removed(uint8_t family)
{
	const struct rlimit limit = {20000, 20000};
	struct world world;
	struct why why;
	char path[64];

	path_of(path);
	world_make(&world, family, NULL, NULL);
	world_wire(&world, path);
	signal(SIGXFSZ, SIG_IGN);
	must(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	must(capture_overflow(&world, &why) == -EFBIG);
	must(!there(path));
}

/* A file that fits no more only when its last bytes are written. */
static void the_last_bytes_count(uint8_t family)
{
	struct frame frames[32];
	uint8_t bytes[32][128];
	struct world world;
	struct why why;

	world_make(&world, family, NULL, NULL);
	world_wire(&world, "/dev/full");
	must(conversation(&world, frames, bytes, 32) == 10);
	must(wire_capture_end(world.wire, &why) == -ENOSPC);
}

/* What is no file is not removed: /dev/full is the machine's. */
static void only_a_file_is_removed(uint8_t family)
{
	struct world world;
	struct why why;

	world_make(&world, family, NULL, NULL);
	world_wire(&world, "/dev/full");
	must(capture_overflow(&world, &why) == -ENOSPC);
	must(there("/dev/full"));
	must(conversation(&world, (struct frame[32]){{0}}, (uint8_t[32][128]){{0}}, 32) == 10);
}

static void a_file_that_cannot_be_made_is_told(uint8_t family)
{
	struct wire_config config = {.interface = LAB_PEER_INTERFACE};
	struct world world;
	struct wire *wire = NULL;
	struct why why;

	world_make(&world, family, NULL, NULL);
	config.capture_path = "/no/such/folder/wire.pcap";
	must(wire_open(&wire, &config, &why) == -ENOENT);
	must(strstr(why.text, "/no/such/folder/wire.pcap"));
	config.capture_path = "/tmp";
	must(wire_open(&wire, &config, &why) == -EISDIR);
	must(!wire);
}

#define TEST(body)                                                                                 \
	static void body##_test(void **state)                                                      \
	{                                                                                          \
		(void)state;                                                                       \
		in_child(body, 4);                                                                 \
	}
TEST(the_file_holds_every_frame)
TEST(the_file_says_nanoseconds)
TEST(a_full_disk_leaves_no_file)
TEST(a_limited_file_is_removed)
TEST(the_last_bytes_count)
TEST(only_a_file_is_removed)
TEST(a_file_that_cannot_be_made_is_told)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_holds_every_frame_test),
		cmocka_unit_test(the_file_says_nanoseconds_test),
		cmocka_unit_test(a_full_disk_leaves_no_file_test),
		cmocka_unit_test(a_limited_file_is_removed_test),
		cmocka_unit_test(the_last_bytes_count_test),
		cmocka_unit_test(only_a_file_is_removed_test),
		cmocka_unit_test(a_file_that_cannot_be_made_is_told_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
