/*
 * Whoever asks for an address looks at its deadline, however many frames wait: over a pair of
 * sockets in place of an interface.
 */
#include "link/inside.h"
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#define FRAMES 150

static struct link link_made(void)
{
	struct link link = {.interface = "none", .own_mac = {{2, 0, 0, 0, 0, 1}}};

	assert_int_equal(address_parse("192.0.2.9", &link.source), 0);
	assert_int_equal(address_parse("192.0.2.2", &link.target), 0);
	return link;
}

/* Somebody says that he has this address. */
static size_t answer_make(const char *address, uint8_t frame[static 64])
{
	struct packet packet = {.kind = PACKET_ARP, .source_mac = {{2, 0, 0, 0, 0, 7}}};
	size_t len = 0;

	packet.arp = (struct packet_arp){.operation = 2, .sender_mac = {{2, 0, 0, 0, 0, 7}},
					 .target.family = 4};
	assert_int_equal(address_parse(address, &packet.arp.sender), 0);
	assert_int_equal(packet_encode(&packet, frame, 64, &len), 0);
	return len;
}

/* Two sockets that hear each other, whose queues hold some hundred frames. */
static void pair_make(int pair[2])
{
	struct sockaddr_in at[2];
	socklen_t len = sizeof(at[0]);

	for (int i = 0; i < 2; i++) {
		at[i] = (struct sockaddr_in){.sin_family = AF_INET,
					     .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		pair[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		assert_true(pair[i] >= 0);
		assert_int_equal(bind(pair[i], (struct sockaddr *)&at[i], len), 0);
		assert_int_equal(getsockname(pair[i], (struct sockaddr *)&at[i], &len), 0);
	}
	assert_int_equal(connect(pair[0], (struct sockaddr *)&at[1], len), 0);
	assert_int_equal(connect(pair[1], (struct sockaddr *)&at[0], len), 0);
}

/* What waits is not read to its end once the time is over: there might be none. */
static void a_flood_does_not_keep_who_asks(void **state)
{
	const struct link link = link_made();
	struct ether ether = {.link = &link};
	struct why why = {.text = ""};
	uint8_t frame[64];
	struct mac mac;
	size_t len = answer_make("192.0.2.77", frame);
	int pair[2], left = 0;

	(void)state;
	pair_make(pair);
	ether.fd = pair[0];
	for (int i = 0; i < FRAMES; i++)
		assert_int_equal(send(pair[1], frame, len, 0), len);
	assert_int_equal(ether_ask(&ether, &link.source, NULL, 1, 0, &mac, &why), 0);
	while (recv(pair[0], frame, sizeof(frame), 0) > 0)
		left++;
	assert_true(left > FRAMES / 2);
	close(pair[0]);
	close(pair[1]);
}

/* An answer that waits behind some frames counts, though it is read when the time is over. */
static void a_late_reader_finds_the_answer(void **state)
{
	const struct link link = link_made();
	struct ether ether = {.link = &link};
	uint8_t frame[64];
	struct why why = {.text = ""};
	struct mac mac;
	size_t len;
	int pair[2];

	(void)state;
	pair_make(pair);
	ether.fd = pair[0];
	len = answer_make("192.0.2.77", frame);
	for (int i = 0; i < 5; i++)
		assert_int_equal(send(pair[1], frame, len, 0), len);
	len = answer_make("192.0.2.9", frame);
	assert_int_equal(send(pair[1], frame, len, 0), len);
	assert_int_equal(ether_ask(&ether, &link.source, NULL, 1, 0, &mac, &why), 1);
	assert_int_equal(mac.at[5], 7);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flood_does_not_keep_who_asks),
		cmocka_unit_test(a_late_reader_finds_the_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
