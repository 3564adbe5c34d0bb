/*
 * IPv6 extension headers before TCP.
 */
#include "frames.h"

enum { HOP = 0, TCP = 6, ROUTING = 43, FRAGMENT = 44, ESP = 50, AUTH = 51, NONE = 59, DEST = 60 };

/* A frame whose chain is these headers; each one's first byte is set to the next one's number. */
struct link {
	uint8_t protocol;
	uint8_t size;
	uint8_t bytes[24];
};

static struct frame chained(const struct link *links, size_t n)
{
	struct packet packet = segment_of(6);
	struct frame frame = frame_of(&packet);
	size_t next = AT_IP + 6, at = AT_TCP6;

	for (size_t i = 0; i < n; i++) {
		frame_insert(&frame, at, links[i].bytes, links[i].size);
		frame.at[next] = links[i].protocol;
		next = at;
		at += links[i].size;
		frame.at[next] = TCP;
	}
	set_u16(frame.at + AT_IP + 4, (unsigned)(frame.len - AT_TCP6));
	return frame;
}

/* The parsed kind of such a frame, and its checksum's state where it is TCP. */
static void chain_is(const struct link *links, size_t n, enum packet_kind kind,
		     enum checksum_state sum)
{
	struct frame frame = chained(links, n);
	struct packet got = parsed_whole(&frame);

	assert_int_equal(got.kind, kind);
	if (kind != PACKET_TCP)
		return;
	assert_int_equal(got.tcp.source_port, 40000);
	assert_int_equal(got.tcp.len, 5);
	assert_int_equal(got.tcp.checksum_state, sum);
}

#define CHAIN_IS(kind, sum, ...)                                                                   \
	chain_is((const struct link[]){__VA_ARGS__},                                               \
		 sizeof((const struct link[]){__VA_ARGS__}) / sizeof(struct link), kind, sum)

static void chains_are_followed(void **state)
{
	(void)state;
	CHAIN_IS(PACKET_TCP, CHECKSUM_GOOD, {HOP, 8, {0, 0, 1, 4}});
	CHAIN_IS(PACKET_TCP, CHECKSUM_GOOD, {DEST, 16, {0, 1, 1, 12}});
	CHAIN_IS(PACKET_TCP, CHECKSUM_GOOD, {HOP, 8, {0}}, {DEST, 8, {0}}, {DEST, 24, {0, 2}});
	/* The authentication header counts in words of four, less two. */
	CHAIN_IS(PACKET_TCP, CHECKSUM_GOOD, {AUTH, 24, {0, 4}});
	CHAIN_IS(PACKET_TCP, CHECKSUM_GOOD, {AUTH, 12, {0, 1}}, {HOP, 8, {0}});
}

static void detours_hide_the_destination(void **state)
{
	(void)state;
	CHAIN_IS(PACKET_TCP, CHECKSUM_GOOD, {ROUTING, 24, {0, 2, 2, 0}});
	/* A segment left: the checksum is over an address that is further on. */
	CHAIN_IS(PACKET_TCP, CHECKSUM_UNKNOWN, {ROUTING, 24, {0, 2, 2, 1}});
}

static void fragments(void **state)
{
	(void)state;
	/* Atomic, RFC 6946: offset 0 and none to come. */
	CHAIN_IS(PACKET_TCP, CHECKSUM_GOOD, {FRAGMENT, 8, {0, 0, 0, 0, 1, 2, 3, 4}});
	CHAIN_IS(PACKET_TCP, CHECKSUM_UNKNOWN, {FRAGMENT, 8, {0, 0, 0, 1, 1, 2, 3, 4}});
	CHAIN_IS(PACKET_OTHER, CHECKSUM_GOOD, {FRAGMENT, 8, {0, 0, 0, 9, 1, 2, 3, 4}});
	CHAIN_IS(PACKET_OTHER, CHECKSUM_GOOD, {FRAGMENT, 8, {0, 0, 0xff, 0xf8, 1, 2, 3, 4}});
	/* What follows a later fragment's header is no header: it must not be followed. */
	CHAIN_IS(PACKET_OTHER, CHECKSUM_GOOD, {FRAGMENT, 8, {0, 0, 1, 0}}, {DEST, 8, {0, 255}});
	/* The two reserved bits say nothing. */
	CHAIN_IS(PACKET_TCP, CHECKSUM_GOOD, {FRAGMENT, 8, {0, 0, 0, 6, 1, 2, 3, 4}});
}

static void what_cannot_be_followed_is_other(void **state)
{
	struct frame frame = chained((const struct link[]){{HOP, 8, {0}}}, 1);

	(void)state;
	frame.at[AT_TCP6] = ESP;
	assert_int_equal(parsed_whole(&frame).kind, PACKET_OTHER);
	frame.at[AT_TCP6] = NONE;
	assert_int_equal(parsed_whole(&frame).kind, PACKET_OTHER);
	/* ICMP is not ICMPv6. */
	frame.at[AT_TCP6] = 1;
	assert_int_equal(parsed_whole(&frame).kind, PACKET_OTHER);
}

static void lengths_that_lie(void **state)
{
	static const uint8_t kinds[] = {HOP, ROUTING, DEST, AUTH};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds); i++) {
		struct frame frame = chained(&(struct link){kinds[i], 8, {0, 255}}, 1);
		struct packet got = parsed_whole(&frame);

		assert_int_equal(got.kind, PACKET_MALFORMED);
		assert_string_equal(got.fault, "IPv6 extension header past the packet's end");
	}
}

static void cut_at_every_byte(void **state)
{
	const struct link links[] = {{HOP, 8, {0}},
				     {AUTH, 16, {0, 2}},
				     {ROUTING, 8, {0}},
				     {FRAGMENT, 8, {0}},
				     {DEST, 16, {0, 1}}};
	struct frame frame = chained(links, 5);

	(void)state;
	assert_int_equal(parsed_whole(&frame).kind, PACKET_TCP);
	for (size_t n = 0; n < frame.len; n++) {
		uint8_t *copy;
		struct packet got = parsed(frame.at, n, frame.len, &copy);

		assert_int_equal(got.kind, n < frame.len - 5 ? PACKET_MALFORMED : PACKET_TCP);
		free(copy);
		/* The same bytes, and the IP header agrees that there are no more. */
		if (n < AT_TCP6)
			continue;
		set_u16(frame.at + AT_IP + 4, (unsigned)(n - AT_TCP6));
		got = parsed(frame.at, n, n, &copy);
		assert_int_equal(got.kind, n < frame.len - 5 ? PACKET_MALFORMED : PACKET_TCP);
		free(copy);
		set_u16(frame.at + AT_IP + 4, (unsigned)(frame.len - AT_TCP6));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chains_are_followed),
		cmocka_unit_test(detours_hide_the_destination),
		cmocka_unit_test(fragments),
		cmocka_unit_test(what_cannot_be_followed_is_other),
		cmocka_unit_test(lengths_that_lie),
		cmocka_unit_test(cut_at_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
