/*
 * Wrong timestamps and windows: clocks that stand, run too fast or are shared, echoes of the wrong
 * segment, options where none were agreed on, and windows in another scale.
 */
#include "lies.h"
#include <string.h>

/* The TSval's place, or NULL. Behind SYN or two NOPs: an option is found by its kind. */
static uint8_t *stamp_at(struct packet_tcp *tcp)
{
	size_t size;

	for (size_t at = 0; at < tcp->option_bytes; at += size) {
		size = option_size(tcp->options + at, tcp->option_bytes - at);
		if (!size || tcp->options[at] == OPTION_EOL)
			return NULL;
		if (tcp->options[at] == OPTION_TIMESTAMPS && size == 10)
			return tcp->options + at + 2;
	}
	return NULL;
}

static uint32_t word_get(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void word_put(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* The TSval of the first segment is kept: number is it, and count says that it is known. */
static uint32_t stamp_first(struct telling *t, uint32_t value)
{
	if (!t->count++)
		t->number = value;
	return (uint32_t)t->number;
}

static void clock_stands(const struct tale *lie, struct telling *t, struct packet *packet)
{
	uint8_t *at = stamp_at(&packet->tcp);

	(void)lie;
	if (!at)
		return;
	t->lied = stamp_first(t, word_get(at)) != word_get(at);
	word_put(at, (uint32_t)t->number);
}

/* A tick a us, as from a clock that is read in another unit. */
static void clock_runs(const struct tale *lie, struct telling *t, struct packet *packet)
{
	uint8_t *at = stamp_at(&packet->tcp);
	uint32_t first;

	(void)lie;
	if (!at)
		return;
	first = stamp_first(t, word_get(at));
	t->lied = first != word_get(at);
	word_put(at, first + (word_get(at) - first) * 1000);
}

/* All connections show the one clock of the machine. */
static void clock_shared(const struct tale *lie, struct telling *t, struct packet *packet)
{
	uint8_t *at = stamp_at(&packet->tcp);

	(void)lie;
	if (!at)
		return;
	t->lied = true;
	word_put(at, (uint32_t)(t->now / ms(1)));
}

static void clock_back(const struct tale *lie, struct telling *t, struct packet *packet)
{
	uint8_t *at = stamp_at(&packet->tcp);

	if (!at)
		return;
	t->lied = true;
	word_put(at, word_get(at) - lie->by * ++t->count);
}

/* What the peer said last is noted, old or new, in order or not. */
static void newest_note(const struct tale *lie, struct telling *t, struct packet *packet)
{
	const uint8_t *at = stamp_at(&packet->tcp);

	(void)lie;
	if (at)
		t->number = word_get(at);
}

static void newest_echo(const struct tale *lie, struct telling *t, struct packet *packet)
{
	uint8_t *at = stamp_at(&packet->tcp);

	(void)lie;
	if (!at || packet->tcp.flags & RST || word_get(at + 4) == (uint32_t)t->number)
		return;
	t->lied = true;
	word_put(at + 4, (uint32_t)t->number);
}

/* The first thing that the peer said is echoed for ever. */
static void oldest_note(const struct tale *lie, struct telling *t, struct packet *packet)
{
	const uint8_t *at = stamp_at(&packet->tcp);

	(void)lie;
	if (at)
		stamp_first(t, word_get(at));
}

static void stamp_lost(const struct tale *lie, struct telling *t, struct packet *packet)
{
	uint8_t *at = stamp_at(&packet->tcp);

	(void)lie;
	if (!at)
		return;
	t->lied = true;
	memset(at - 2, OPTION_NOP, 10);
}

/* Was the option there, it is gone; was it not, it is there, with becomes for its shift. */
static void scale_turned(const struct tale *lie, struct telling *t, struct packet *packet)
{
	struct packet_tcp *tcp = &packet->tcp;
	size_t size;

	for (size_t at = 0; at < tcp->option_bytes; at += size) {
		size = option_size(tcp->options + at, tcp->option_bytes - at);
		if (!size || tcp->options[at] == OPTION_EOL)
			break;
		if (tcp->options[at] != OPTION_WSCALE)
			continue;
		memset(tcp->options + at, OPTION_NOP, size);
		t->lied = true;
		return;
	}
	if (tcp->option_bytes + 4u > OPTION_BYTES_MAX)
		return;
	memmove(tcp->options + 4, tcp->options, tcp->option_bytes);
	tcp->options[0] = OPTION_NOP;
	tcp->options[1] = OPTION_WSCALE;
	tcp->options[2] = 3;
	tcp->options[3] = (uint8_t)lie->becomes;
	tcp->option_bytes = (uint8_t)(tcp->option_bytes + 4);
	tcp->data_offset = 0;
	t->lied = true;
}

/* becomes is how far a window is shifted, to the left where it is positive. */
static void window_shifted(const struct tale *lie, struct telling *t, struct packet *packet)
{
	uint32_t window = packet->tcp.window;

	window = lie->becomes > 0 ? window << lie->becomes : window >> -lie->becomes;
	window = window > 65535 ? 65535 : window;
	t->lied = window != packet->tcp.window;
	packet->tcp.window = (uint16_t)window;
}

const struct tale lies_of_stamps[] = {
	{.name = "stamps_lost", .breaks = "only SYNs have the timestamps that were agreed on",
	 .of = OF_OPEN, .frame = stamp_lost},
	{.name = "stamps_lost_on_rst", .breaks = "no RST has the timestamps that were agreed on",
	 .of = OF_ANY_RST, .frame = stamp_lost},
	{.name = "stamps_stand", .breaks = "the timestamp clock stands still",
	 .of = OF_ALL, .frame = clock_stands},
	{.name = "stamps_run", .breaks = "the timestamp clock runs a thousand times too fast",
	 .of = OF_ALL, .frame = clock_runs},
	{.name = "stamps_shared", .breaks = "one timestamp clock is shown to all connections",
	 .of = OF_ALL, .frame = clock_shared},
	{.name = "stamps_go_back", .breaks = "each timestamp is 5 s older than it should be",
	 .of = OF_OPEN | OF_ANY_SYN, .by = 5000, .frame = clock_back},
	{.name = "echo_of_the_last_heard",
	 .breaks = "what is echoed is what came last, whatever it was",
	 .of = OF_ALL, .reply = newest_note, .frame = newest_echo},
	{.name = "echo_of_the_first_heard",
	 .breaks = "what is echoed is what came first, for ever",
	 .of = OF_ALL, .reply = oldest_note, .frame = newest_echo},
	{.name = "wscale_turned", .breaks = "a SYN-ACK has a window scale where the SYN had none, "
	 "and none where it had", .of = OF_SYN_ACK, .becomes = 7, .frame = scale_turned},
	{.name = "wscale_of_a_syn_lost", .breaks = "no SYN of the DUT's has a window scale",
	 .of = OF_SYN, .becomes = 7, .frame = scale_turned},
	{.name = "wscale_outside_syn", .breaks = "segments without SYN have a window scale",
	 .of = OF_OPEN, .becomes = 7, .frame = scale_turned},
	{.name = "windows_not_scaled", .breaks = "the windows are not shifted right",
	 .of = OF_OPEN, .becomes = 7, .frame = window_shifted},
	{.name = "windows_scaled_more", .breaks = "the windows are shifted right by one too many",
	 .of = OF_OPEN, .becomes = -1, .frame = window_shifted},
	{.name = "syn_ack_window_scaled", .breaks = "the window of a SYN-ACK is shifted right too",
	 .of = OF_SYN_ACK, .becomes = -7, .frame = window_shifted},
	{.name = NULL},
};
