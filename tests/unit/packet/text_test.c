/*
 * Packets in words. The golden captures hold many more; here are the words' own rules.
 */
#include "frames.h"

static void packet_says(const struct packet *packet, const uint32_t bases[2], const char *want)
{
	struct buffer out = {.at = NULL};

	packet_text(&out, packet, bases);
	assert_false(out.failed);
	assert_string_equal(out.at, want);
	buffer_free(&out);
}

static void options_say(const void *bytes, size_t n, const char *want)
{
	struct buffer out = {.at = NULL};
	uint8_t *copy = malloc(n ? n : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, n);
	options_text(&out, n ? copy : copy + 1, n);
	assert_string_equal(out.at ? out.at : "", want);
	buffer_free(&out);
	free(copy);
}

static void flags_go_there_and_back(void **state)
{
	static const struct {
		unsigned flags;
		const char *words;
	} rows[] = {
		{0, "none"},
		{SYN, "S"},
		{SYN | ACK, "S."},
		{ACK, "."},
		{FIN | PSH | ACK, "FP."},
		{RST, "R"},
		{RST | ACK, "R."},
		{FIN | PSH | URG, "FPU"},
		{SYN | ECE | CWR, "SEW"},
		{SYN | ECE | CWR | AE, "SEWe"},
		{0x1ff, "FSRP.UEWe"},
	};
	char out[FLAGS_TEXT_MAX];
	unsigned flags;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(flags_text(rows[i].flags, out), rows[i].words);
		assert_int_equal(flags_parse(rows[i].words, &flags), 0);
		assert_int_equal(flags, rows[i].flags);
	}
	for (unsigned all = 0; all < 0x200; all++) {
		assert_int_equal(flags_parse(flags_text(all, out), &flags), 0);
		assert_int_equal(flags, all);
	}
	/* The order is free, and bits above AE have no letter. */
	assert_int_equal(flags_parse(".S", &flags), 0);
	assert_int_equal(flags, SYN | ACK);
	assert_string_equal(flags_text(0xfe00, out), "none");
}

static void flags_that_are_none_are_refused(void **state)
{
	static const char *const rows[] = {"",	 "s",	  "SS", "S.x", " S",
					   "S ", "nonee", "A",	"[S]", "0"};
	unsigned flags = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(flags_parse(rows[i], &flags), -EINVAL);
	assert_int_equal(flags, 77);
}

static void segments_in_words(void **state)
{
	struct packet packet = segment_of(4);
	const uint32_t bases[] = {0xfffffffd, 1000};

	(void)state;
	packet_says(&packet, bases,
		    "IP 192.0.2.1.40000 > 192.0.2.2.80: Flags [P.], seq 1:6, ack 1, "
		    "win 64240, options [nop,nop,TS val 7 ecr 8], length 5");
	/* Absolute, the end wraps. */
	packet_says(&packet, NULL,
		    "IP 192.0.2.1.40000 > 192.0.2.2.80: Flags [P.], "
		    "seq 4294967294:3, ack 1001, win 64240, options [nop,nop,TS val 7 ecr 8], "
		    "length 5");
	packet = segment_of(6);
	packet.tcp.option_bytes = 0;
	packet.tcp.len = 0;
	packet_says(&packet, bases,
		    "IP6 2001:db8::1.40000 > 2001:db8::2.80: Flags [P.], ack 1, "
		    "win 64240, length 0");
	packet.tcp.flags = SYN;
	packet_says(&packet, bases,
		    "IP6 2001:db8::1.40000 > 2001:db8::2.80: Flags [S], seq 1, "
		    "win 64240, length 0");
	packet.tcp.flags = URG | FIN;
	packet_says(&packet, bases,
		    "IP6 2001:db8::1.40000 > 2001:db8::2.80: Flags [FU], seq 1, "
		    "win 64240, urg 9, length 0");
	packet.tcp.flags = NOFLAGS;
	packet_says(&packet, bases,
		    "IP6 2001:db8::1.40000 > 2001:db8::2.80: Flags [none], "
		    "win 64240, length 0");
}

/* RFC 9293 3.10.7.1: a RST for a segment without ACK has the number 0, counted from nothing. */
static void a_reset_without_a_number(void **state)
{
	static const struct address peer = {4, {192, 0, 2, 1}}, dut = {4, {192, 0, 2, 2}};
	const struct packet reset = {.kind = PACKET_TCP, .source = dut, .dest = peer,
		.tcp = {.source_port = 80, .dest_port = 1000, .ack = 501, .flags = RST | ACK}};
	const uint32_t bases[2] = {1000, 500};

	(void)state;
	packet_says(&reset, bases, "IP 192.0.2.2.80 > 192.0.2.1.1000: Flags [R.], seq 0 "
				   "(absolute), ack 1, win 0, length 0");
	packet_says(&reset, NULL, "IP 192.0.2.2.80 > 192.0.2.1.1000: Flags [R.], seq 0, ack 501, "
				  "win 0, length 0");
}

static void what_is_odd_is_noted(void **state)
{
	struct packet packet = segment_of(4);
	const uint32_t bases[] = {0xfffffffe, 1001};

	(void)state;
	packet.tcp.option_bytes = 0;
	packet.tcp.len = 0;
	packet.tcp.flags = RST;
	packet.tcp.checksum_state = CHECKSUM_BAD;
	packet_says(&packet, bases,
		    "IP 192.0.2.1.40000 > 192.0.2.2.80: Flags [R], seq 0, win 64240, "
		    "length 0 [bad tcp cksum]");
	packet.tcp.reserved = 1;
	packet.tcp.checksum_state = CHECKSUM_UNKNOWN;
	packet_says(&packet, bases,
		    "IP 192.0.2.1.40000 > 192.0.2.2.80: Flags [R], seq 0, win 64240, "
		    "length 0 [reserved 0x1]");
	packet.tcp.checksum_state = CHECKSUM_BAD;
	packet.ip_checksum_bad = true;
	packet_says(&packet, bases,
		    "IP 192.0.2.1.40000 > 192.0.2.2.80: Flags [R], seq 0, win 64240, "
		    "length 0 [reserved 0x1] [bad tcp cksum] [bad ip cksum]");
	/* What the capture cut off was on the wire all the same. */
	packet = segment_of(4);
	packet.tcp.option_bytes = 0;
	packet.tcp.cut = 95;
	packet_says(&packet, bases,
		    "IP 192.0.2.1.40000 > 192.0.2.2.80: Flags [P.], seq 0:100, ack 0, "
		    "win 64240, length 100");
}

#define OPTIONS_SAY(want, ...)                                                                     \
	options_say((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), want)

static void options_in_words(void **state)
{
	(void)state;
	options_say("", 0, "");
	OPTIONS_SAY("mss 1460,nop,wscale 7", 2, 4, 5, 0xb4, 1, 3, 3, 7);
	OPTIONS_SAY("mss 1460,sackOK,TS val 1 ecr 4294967295,nop,wscale 0", 2, 4, 5, 0xb4, 4, 2, 8,
		    10, 0, 0, 0, 1, 255, 255, 255, 255, 1, 3, 3, 0);
	OPTIONS_SAY("nop,nop,sack 1 {1:256}", 1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 1, 0);
	OPTIONS_SAY("sack 2 {1:2}{3:4}", 5, 18, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4);
	OPTIONS_SAY("tfo cookiereq,eol", 34, 2, 0, 0);
	OPTIONS_SAY("tfo cookie 01020304", 34, 6, 1, 2, 3, 4);
	OPTIONS_SAY("uto 5 min,uto 300 s", 28, 4, 0x80, 5, 28, 4, 1, 44);
	OPTIONS_SAY("md5 0x000102030405060708090a0b0c0d0e0f", 19, 18, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
		    10, 11, 12, 13, 14, 15);
	OPTIONS_SAY("mptcp 0x0081", 30, 4, 0, 0x81);
	OPTIONS_SAY("unknown-253 0x0102,unknown-254", 253, 4, 1, 2, 254, 2);
	OPTIONS_SAY("eol", 0, 2, 4, 5, 180);
}

static void options_that_lie_in_words(void **state)
{
	(void)state;
	OPTIONS_SAY("nop,mss [no length]", 1, 2);
	OPTIONS_SAY("mss [bad length 0]", 2, 0, 5, 180);
	OPTIONS_SAY("mss [bad length 1]", 2, 1, 5, 180);
	OPTIONS_SAY("mss [bad length 5]", 2, 5, 5, 180);
	OPTIONS_SAY("unknown-99 [bad length 255]", 99, 255);
	/* Legal in itself, but not for this kind: what follows can still be read. */
	OPTIONS_SAY("mss [bad length 3],nop", 2, 3, 5, 1);
	OPTIONS_SAY("sack [bad length 6],nop", 5, 6, 0, 0, 0, 0, 1);
}

static void neighbours_in_words(void **state)
{
	struct packet packet = packet_of(4);

	(void)state;
	packet.kind = PACKET_ARP;
	packet.arp = (struct packet_arp){
		.operation = 1,
		.sender_mac = {{2, 0, 0, 0, 0xa, 1}},
		.sender = packet.source,
		.target = packet.dest,
	};
	packet_says(&packet, NULL, "ARP, Request who-has 192.0.2.2 tell 192.0.2.1, length 28");
	packet.arp.operation = 2;
	packet_says(&packet, NULL, "ARP, Reply 192.0.2.1 is-at 02:00:00:00:0a:01, length 28");
	packet.arp.operation = 9;
	packet_says(&packet, NULL, "ARP, operation 9, length 28");

	packet = packet_of(6);
	packet.kind = PACKET_ND;
	packet.nd = (struct packet_nd){.target = address_of("2001:db8::9"), .has_mac = true};
	packet_says(&packet, NULL,
		    "IP6 2001:db8::1 > 2001:db8::2: ICMP6, neighbor solicitation, "
		    "who has 2001:db8::9, length 32");
	packet.nd.advertisement = true;
	packet.nd.has_mac = false;
	packet_says(&packet, NULL,
		    "IP6 2001:db8::1 > 2001:db8::2: ICMP6, neighbor advertisement, "
		    "tgt is 2001:db8::9, length 24");
}

static void the_rest_in_words(void **state)
{
	struct packet packet = packet_of(4);

	(void)state;
	packet_says(&packet, NULL, "IP 192.0.2.1 > 192.0.2.2: other");
	packet.kind = PACKET_MALFORMED;
	packet.fault = "TCP data offset below 5";
	packet_says(&packet, NULL, "IP 192.0.2.1 > 192.0.2.2: malformed, TCP data offset below 5");
	packet = (struct packet){.kind = PACKET_MALFORMED,
				 .fault = "ends inside the Ethernet header"};
	packet_says(&packet, NULL, "malformed, ends inside the Ethernet header");
	packet.kind = PACKET_OTHER;
	packet_says(&packet, NULL, "other");
}

static void icmp_in_words(void **state)
{
	struct packet packet = packet_of(4);

	(void)state;
	packet.kind = PACKET_ICMP;
	packet.icmp = (struct packet_icmp){.type = 3,
					   .code = 3,
					   .quotes_tcp = true,
					   .quote_len = 28,
					   .quoted_dest = packet.dest,
					   .quoted_dest_port = 80};
	packet_says(&packet, NULL,
		    "IP 192.0.2.1 > 192.0.2.2: ICMP 192.0.2.2 tcp port 80 unreachable, "
		    "length 36");
	packet.icmp.code = 4;
	packet.icmp.parameter = 1400;
	packet_says(&packet, NULL,
		    "IP 192.0.2.1 > 192.0.2.2: ICMP 192.0.2.2 unreachable - "
		    "need to frag (mtu 1400), length 36");
	packet.icmp.code = 200;
	packet.icmp.quotes_tcp = false;
	packet_says(&packet, NULL, "IP 192.0.2.1 > 192.0.2.2: ICMP unreachable - #200, length 36");
	/* What the quote does not tell is not said. */
	packet.icmp.code = 3;
	packet_says(&packet, NULL, "IP 192.0.2.1 > 192.0.2.2: ICMP port unreachable, length 36");
	packet.icmp.code = 2;
	packet_says(&packet, NULL,
		    "IP 192.0.2.1 > 192.0.2.2: ICMP protocol unreachable, length 36");
	packet = packet_of(6);
	packet.kind = PACKET_ICMP;
	packet.icmp =
		(struct packet_icmp){.type = 2, .parameter = 1280, .checksum_state = CHECKSUM_BAD};
	packet_says(&packet, NULL,
		    "IP6 2001:db8::1 > 2001:db8::2: ICMP6, packet too big, mtu 1280, "
		    "length 8 [bad icmp cksum]");
	for (unsigned type = 0; type < 256; type++)
		for (unsigned code = 0; code < 256; code++) {
			struct buffer out = {.at = NULL};

			/* Whatever comes, it can be said. */
			packet.icmp.type = (uint8_t)type;
			packet.icmp.code = (uint8_t)code;
			packet_text(&out, &packet, NULL);
			packet.source.family ^= 2;
			packet_text(&out, &packet, NULL);
			packet.source.family ^= 2;
			assert_non_null(strstr(out.at, "length 8"));
			buffer_free(&out);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_go_there_and_back),
		cmocka_unit_test(flags_that_are_none_are_refused),
		cmocka_unit_test(segments_in_words),
		cmocka_unit_test(a_reset_without_a_number),
		cmocka_unit_test(what_is_odd_is_noted),
		cmocka_unit_test(options_in_words),
		cmocka_unit_test(options_that_lie_in_words),
		cmocka_unit_test(neighbours_in_words),
		cmocka_unit_test(the_rest_in_words),
		cmocka_unit_test(icmp_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
