/*
 * Options that are missing, wrong, or where they must not be.
 */
#include "lies.h"
#include <string.h>

#define UNASKED_SHIFT 7

/* The place of an option of this kind, or NULL. */
static uint8_t *option_at(struct packet_tcp *tcp, enum option_kind kind)
{
	size_t size;

	for (size_t at = 0; at < tcp->option_bytes; at += size) {
		if (tcp->options[at] == kind)
			return tcp->options + at;
		size = option_size(tcp->options + at, tcp->option_bytes - at);
		if (!size || tcp->options[at] == OPTION_EOL)
			return NULL;
	}
	return NULL;
}

static void options_lost(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	t->lied = packet->tcp.option_bytes > 0;
	packet->tcp.option_bytes = packet->tcp.data_offset = 0;
}

/* was is the kind; it becomes two or more NOPs. */
static void option_lost(const struct tale *lie, struct telling *t, struct packet *packet)
{
	uint8_t *at = option_at(&packet->tcp, (enum option_kind)lie->was);

	if (!at)
		return;
	t->lied = true;
	memset(at, OPTION_NOP, at[1]);
}

/* was is the kind, becomes the byte's place in it: the byte grows by one. */
static void option_changed(const struct tale *lie, struct telling *t, struct packet *packet)
{
	uint8_t *at = option_at(&packet->tcp, (enum option_kind)lie->was);

	if (!at)
		return;
	t->lied = true;
	at[lie->becomes]++;
}

/* The timestamp of a minute before. */
static void timestamp_old(const struct tale *lie, struct telling *t, struct packet *packet)
{
	uint8_t *at = option_at(&packet->tcp, OPTION_TIMESTAMPS);
	uint32_t value;

	(void)lie;
	if (!at)
		return;
	t->lied = true;
	value = (uint32_t)at[2] << 24 | (uint32_t)at[3] << 16 | (uint32_t)at[4] << 8 | at[5];
	value -= 60000;
	for (int i = 0; i < 4; i++)
		at[2 + i] = (uint8_t)(value >> (24 - 8 * i));
}

static void option_add(struct telling *t, struct packet *packet, struct option option)
{
	struct packet_tcp *tcp = &packet->tcp;
	uint8_t bytes[OPTION_BYTES_MAX];
	size_t n = 0;

	if (options_encode(&option, 1, bytes, &n) || tcp->option_bytes + n > OPTION_BYTES_MAX ||
	    option_at(tcp, (enum option_kind)option.kind))
		return;
	t->lied = true;
	memmove(tcp->options + n, tcp->options, tcp->option_bytes);
	memcpy(tcp->options, bytes, n);
	tcp->option_bytes = (uint8_t)(tcp->option_bytes + n);
	tcp->data_offset = 0;
}

static void mss_added(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	option_add(t, packet, opt_mss(1460));
}

static void timestamps_added(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	option_add(t, packet, opt_timestamps(1, 0));
}

static void wscale_added(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	option_add(t, packet, opt_wscale(UNASKED_SHIFT));
}

/* And the windows after such a SYN-ACK are scaled by it; count says that there was one. */
static void wscale_added_and_used(const struct tale *lie, struct telling *t, struct packet *packet)
{
	if (packet->tcp.flags & SYN) {
		wscale_added(lie, t, packet);
		t->count = t->lied;
	} else if (t->count) {
		packet->tcp.window >>= UNASKED_SHIFT;
		t->lied = true;
	}
}

/* becomes is the length that the option claims. */
static void length_lies(const struct tale *lie, struct telling *t, struct packet *packet)
{
	option_add(t, packet, opt_raw(OPTION_USER_TIMEOUT, (uint8_t)lie->becomes, "\0\1", 2));
}

const struct tale lies_of_options[] = {
	{.name = "options_lost", .breaks = "no segment has options", .of = OF_ALL,
	 .frame = options_lost},
	{.name = "options_not_again", .breaks = "a SYN-ACK that is sent again has no options",
	 .of = OF_SYN_ACK, .copies = LATER, .frame = options_lost},
	{.name = "mss_more", .breaks = "a SYN or a SYN-ACK offers an MSS one too large",
	 .of = OF_ANY_SYN, .was = OPTION_MSS, .becomes = 3, .frame = option_changed},
	{.name = "mss_lost", .breaks = "no SYN and no SYN-ACK offers an MSS",
	 .of = OF_ANY_SYN, .was = OPTION_MSS, .frame = option_lost},
	{.name = "mss_changes", .breaks = "a SYN-ACK that is sent again offers another MSS",
	 .of = OF_SYN_ACK, .copies = LATER, .was = OPTION_MSS, .becomes = 3,
	 .frame = option_changed},
	{.name = "wscale_changes",
	 .breaks = "a SYN-ACK that is sent again offers another window scale",
	 .of = OF_SYN_ACK, .copies = LATER, .was = OPTION_WSCALE, .becomes = 2,
	 .frame = option_changed},
	{.name = "wscale_of_a_syn_more",
	 .breaks = "a SYN of the DUT's offers a shift one too large",
	 .of = OF_SYN, .was = OPTION_WSCALE, .becomes = 2, .frame = option_changed},
	{.name = "sack_permitted_not_again",
	 .breaks = "a SYN-ACK that is sent again permits no SACK",
	 .of = OF_SYN_ACK, .copies = LATER, .was = OPTION_SACK_PERMITTED, .frame = option_lost},
	{.name = "echo_wrong", .breaks = "a timestamp's echo is not what was sent",
	 .of = OF_ALL, .was = OPTION_TIMESTAMPS, .becomes = 9, .frame = option_changed},
	{.name = "timestamp_old", .breaks = "a timestamp is a minute old",
	 .of = OF_ALL, .frame = timestamp_old},
	{.name = "mss_outside_syn", .kind = BELIES_FORM,
	 .breaks = "segments without SYN have an MSS option",
	 .of = OF_OPEN | OF_ANY_RST, .frame = mss_added},
	{.name = "timestamps_unasked", .breaks = "timestamps come where none were negotiated",
	 .of = OF_OPEN | OF_SYN_ACK, .frame = timestamps_added},
	{.name = "wscale_unasked", .breaks = "a SYN-ACK has a window scale that nobody asked for",
	 .of = OF_SYN_ACK, .frame = wscale_added},
	{.name = "wscale_unasked_and_used",
	 .breaks = "a SYN-ACK has a window scale that nobody asked for, and windows are scaled",
	 .of = OF_SYN_ACK | OF_OPEN, .frame = wscale_added_and_used},
	{.name = "option_length_lies", .kind = BELIES_FORM,
	 .breaks = "an option says that it has no bytes",
	 .of = OF_ALL, .frame = length_lies},
	{.name = "option_length_beyond", .kind = BELIES_FORM,
	 .breaks = "an option says that it ends beyond the header",
	 .of = OF_ALL, .becomes = 41, .frame = length_lies},
	{.name = NULL},
};
