/*
 * Windows, sizes and urgent pointers that are not what they should be, and what the application is
 * told of urgent data.
 */
#include "lies.h"
#include <errno.h>
#include <string.h>

#define ON(verb) (1u << (verb))

/* by more in the field; a closed window stays closed. */
static void window_by(const struct tale *lie, struct telling *t, struct packet *packet)
{
	t->lied = packet->tcp.window != 0;
	if (t->lied)
		packet->tcp.window = (uint16_t)(packet->tcp.window + lie->by);
}

/* Smaller each time, so that the right edge moves left. */
static void window_creeps(const struct tale *lie, struct telling *t, struct packet *packet)
{
	uint32_t less = ++t->count * lie->by;

	t->lied = packet->tcp.window > less;
	if (t->lied)
		packet->tcp.window = (uint16_t)(packet->tcp.window - less);
}

static void window_opens(const struct tale *lie, struct telling *t, struct packet *packet)
{
	t->lied = packet->tcp.window == 0;
	if (t->lied)
		packet->tcp.window = (uint16_t)lie->by;
}

static void data_longer(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	if (packet->tcp.len >= sizeof(t->data))
		return;
	memcpy(t->data, packet->tcp.data, packet->tcp.len);
	t->data[packet->tcp.len++] = '?';
	packet->tcp.data = t->data;
	t->lied = true;
}

/* No segment is longer than by. */
static void data_cut(const struct tale *lie, struct telling *t, struct packet *packet)
{
	t->lied = packet->tcp.len > lie->by;
	if (t->lied)
		packet->tcp.len = lie->by;
}

static void urgent_by(const struct tale *lie, struct telling *t, struct packet *packet)
{
	t->lied = packet->tcp.flags & URG;
	if (t->lied)
		packet->tcp.urgent = (uint16_t)(packet->tcp.urgent + lie->by);
}

static void error_changed(const struct tale *lie, struct telling *t, struct agent_reply *reply)
{
	t->lied = reply->error == lie->was;
	if (t->lied)
		reply->error = lie->becomes;
}

static void mark_elsewhere(const struct tale *lie, struct telling *t, struct agent_reply *reply)
{
	(void)lie;
	t->lied = !reply->error;
	reply->number = !reply->number;
}

const struct tale lies_of_windows[] = {
	{.name = "window_more", .breaks = "an open window is told as a byte larger than it is",
	 .of = OF_OPEN, .by = 1, .frame = window_by},
	{.name = "window_moves_left", .breaks = "each window ends further to the left",
	 .of = OF_OPEN, .by = 300, .frame = window_creeps},
	{.name = "window_opens_by_crumbs", .breaks = "a closed window is told as one of 50 bytes",
	 .of = OF_OPEN, .by = 50, .frame = window_opens},
	{.name = "data_longer", .breaks = "each segment has a byte of data too many",
	 .of = OF_DATA, .frame = data_longer},
	{.name = "data_cut", .breaks = "no segment has more than 100 bytes of data",
	 .of = OF_DATA, .by = 100, .frame = data_cut},
	{.name = "urgent_pointer_more", .breaks = "an urgent pointer is one too high",
	 .of = OF_DATA, .by = 1, .frame = urgent_by},

	{.name = "urgent_not_told", .kind = BELIES_AGENT,
	 .breaks = "the application is not told of urgent data",
	 .verbs = ON(AGENT_URGENT), .was = 0, .becomes = ETIMEDOUT, .answer = error_changed},
	{.name = "urgent_out_of_nothing", .kind = BELIES_AGENT,
	 .breaks = "the application is told of urgent data that there is not",
	 .verbs = ON(AGENT_URGENT), .was = ETIMEDOUT, .becomes = 0, .answer = error_changed},
	{.name = "mark_elsewhere", .kind = BELIES_AGENT,
	 .breaks = "sockatmark() says the opposite of what is so",
	 .verbs = ON(AGENT_MARK), .answer = mark_elsewhere},
	{.name = NULL},
};
