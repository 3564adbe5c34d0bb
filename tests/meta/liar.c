/*
 * The liar in a case's process: the facts of each frame and answer, and the telling.
 */
#include "liar.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SEEN_MAX 8192
#define CALLS_MAX 8192
#define FRAME_MAX 70000

/* A segment's identity, and when its first copy came. */
struct seen {
	uint16_t source_port, dest_port;
	unsigned of;
	uint32_t seq, ack;
	unsigned copies;
	nanos first;
};

/* A frame as it passes. */
struct sighting {
	bool sent; /* by the peer */
	nanos at;
	const struct seen *seen;
};
struct bytes_of {
	uint8_t *at;
	size_t *len;
};

struct liar_state {
	size_t self; /* the case */
	nanos began; /* monotonic */
	nanos now;   /* when the frame or answer came that is looked at, monotonic */
	struct seen seen[SEEN_MAX];
	size_t seen_count;
	struct asked {
		bool known, reuse;
		enum agent_verb verb;
	} calls[CALLS_MAX]; /* by id */
	uint8_t frame[FRAME_MAX];
	struct telling *tellings; /* of each lie for a witness, else of the given one */
};

static const struct tale *const tables[] = {lies_of_loss, lies_of_replies,
	lies_of_time, lies_of_numbers, lies_of_flags, lies_of_options, lies_of_calls,
	lies_of_states, lies_of_timers, lies_of_windows, lies_of_stamps, lies_of_header};
#define TABLES (sizeof(tables) / sizeof(tables[0]))

/* Memory that the cases' processes write and this one reads. */
static void *shared(size_t n, size_t size)
{
	void *at = mmap(NULL, n * size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

int company_new(struct company *out, const char **names, size_t n, struct why *why)
{
	struct company company = {.cases = names, .case_count = n};

	for (size_t i = 0; i < TABLES; i++)
		for (const struct tale *lie = tables[i]; lie->name; lie++)
			company.lie_count++;
	company.lies = calloc(company.lie_count, sizeof(*company.lies));
	company.given = calloc(n, sizeof(*company.given));
	company.spare = calloc(n, sizeof(*company.spare));
	company.told = shared(n, sizeof(*company.told));
	company.could = shared(n * company.lie_count, sizeof(*company.could));
	if (!company.lies || !company.given || !company.spare || !company.told ||
	    !company.could) {
		company_free(&company);
		return why_set(why, ENOMEM, "out of memory");
	}
	company.lie_count = 0;
	for (size_t i = 0; i < TABLES; i++)
		for (const struct tale *lie = tables[i]; lie->name; lie++)
			company.lies[company.lie_count++] = lie;
	company_ready(&company);
	*out = company;
	return 0;
}

void company_free(struct company *company)
{
	free(company->lies);
	free(company->given);
	free(company->spare);
	if (company->told)
		munmap(company->told, company->case_count * sizeof(*company->told));
	if (company->could)
		munmap(company->could, company->case_count * company->lie_count *
		       sizeof(*company->could));
	*company = (struct company){.lies = NULL};
}

void company_ready(struct company *company)
{
	for (size_t i = 0; i < company->case_count; i++) {
		company->given[i] = NO_LIE;
		company->spare[i] = 0;
		company->told[i] = (struct chance){.count = 0};
	}
}

/* Which case runs in this process. Without memory it is nobody, and nothing is told. */
static void liar_begin(void *arg, const char *name)
{
	struct company *company = arg;
	struct liar_state *state = calloc(1, sizeof(*state));
	size_t n = company->witness ? company->lie_count : 1;

	if (!state)
		return;
	state->began = clock_monotonic();
	state->tellings = calloc(n, sizeof(*state->tellings));
	while (state->self < company->case_count &&
	       strcmp(company->cases[state->self], name) != 0)
		state->self++;
	if (!state->tellings || state->self == company->case_count) {
		free(state->tellings);
		free(state);
		return;
	}
	for (size_t i = 0; i < n; i++)
		state->tellings[i].case_began = clock_realtime();
	company->state = state;
}

static unsigned segment_of(const struct packet_tcp *tcp)
{
	unsigned of = 0;

	if (tcp->flags & RST)
		return tcp->flags & ACK ? OF_RST_ACK : OF_RST;
	if (tcp->flags & SYN)
		return tcp->flags & ACK ? OF_SYN_ACK : OF_SYN;
	if (!(tcp->flags & ACK))
		return OF_BARE;
	if (tcp->flags & FIN)
		of |= OF_FIN;
	if (tcp->len)
		of |= OF_DATA;
	return of ? of : OF_ACK;
}

/* The segment's place among those seen, noted if it is new. NULL: there are too many. */
static struct seen *segment_seen(struct liar_state *state, const struct packet_tcp *tcp)
{
	struct seen new = {.source_port = tcp->source_port, .dest_port = tcp->dest_port,
		.of = segment_of(tcp), .seq = tcp->seq, .first = state->now};

	/* A segment that takes no number is told from the next one by what it acknowledges. */
	if (new.of & (OF_ACK | OF_ANY_RST))
		new.ack = tcp->ack;
	for (size_t i = 0; i < state->seen_count; i++) {
		struct seen *seen = &state->seen[i];

		if (seen->source_port == new.source_port && seen->dest_port == new.dest_port &&
		    seen->of == new.of && seen->seq == new.seq && seen->ack == new.ack) {
			seen->copies++;
			return seen;
		}
	}
	if (state->seen_count == SEEN_MAX)
		return NULL;
	state->seen[state->seen_count] = new;
	return &state->seen[state->seen_count++];
}

static void told(const struct liar_state *state, struct chance *chance)
{
	chance->last = state->now - state->began;
	if (!chance->count++)
		chance->first = chance->last;
}

/* One lie of one frame: t says what was made of it. */
static void frame_tell(const struct tale *lie, struct telling *t, const struct sighting *now,
                       struct packet *packet)
{
	void (*tell)(const struct tale *, struct telling *, struct packet *) =
		now->sent ? lie->reply : lie->frame;

	t->lied = t->lost = false;
	t->delay = 0;
	t->again = -1;
	if (!tell || !(lie->of & now->seen->of) || (lie->copies == LATER && !now->seen->copies))
		return;
	t->first = now->seen->first;
	t->now = now->at;
	tell(lie, t, packet);
}

/* The given lie, told of a frame. */
static nanos frame_lie(struct company *company, const struct sighting *now,
                       struct packet *packet, struct bytes_of *frame, nanos *again)
{
	struct liar_state *state = company->state;
	struct telling *t = state->tellings;
	size_t n, room = *frame->len + LIAR_ROOM;

	frame_tell(company->lies[company->given[state->self]], t, now, packet);
	if (!t->lied || t->ready++ < company->spare[state->self])
		return 0;
	if (room > FRAME_MAX || packet_encode(packet, state->frame, room, &n)) {
		log_warn("a lie does not fit into its frame");
		return 0;
	}
	memcpy(frame->at, state->frame, n);
	*frame->len = n;
	*again = t->again;
	told(state, &company->told[state->self]);
	return t->lost ? -1 : t->delay;
}

static nanos liar_frame(void *arg, bool sent, uint8_t *frame, size_t *len, nanos *again)
{
	struct company *company = arg;
	struct liar_state *state = company->state;
	struct sighting now = {.sent = sent};
	struct packet packet;

	packet_parse(frame, *len, *len, &packet);
	if (!state || packet.kind != PACKET_TCP)
		return 0;
	state->now = now.at = clock_monotonic();
	now.seen = segment_seen(state, &packet.tcp);
	if (!now.seen)
		return 0;
	for (size_t i = 0; company->witness && i < company->lie_count; i++) {
		struct packet copy = packet;

		frame_tell(company->lies[i], &state->tellings[i], &now, &copy);
		if (state->tellings[i].lied)
			told(state, &company->could[state->self * company->lie_count + i]);
	}
	if (company->witness || company->given[state->self] == NO_LIE)
		return 0;
	return frame_lie(company, &now, &packet, &(struct bytes_of){frame, len}, again);
}

static void liar_asked(void *arg, uint32_t id, const struct agent_request *request)
{
	struct company *company = arg;

	if (company->state && id < CALLS_MAX)
		company->state->calls[id] =
			(struct asked){true, request->reuse, request->verb};
}

static void answer_tell(const struct tale *lie, struct telling *t, const struct asked *asked,
                        struct agent_reply *reply)
{
	t->lied = false;
	t->reuse = asked->reuse;
	if (lie->answer && lie->verbs & 1u << asked->verb)
		(lie->answer)(lie, t, reply);
}

static void liar_answer(void *arg, struct agent_reply *reply)
{
	struct company *company = arg;
	struct liar_state *state = company->state;
	const struct asked *asked;
	struct agent_reply copy = *reply;
	struct telling *t;
	size_t given;

	/* A call of the lab's own, before the case began, is not known. */
	if (!state || reply->id >= CALLS_MAX || !state->calls[reply->id].known)
		return;
	asked = &state->calls[reply->id];
	state->now = clock_monotonic();
	t = state->tellings;
	for (size_t i = 0; company->witness && i < company->lie_count; i++) {
		copy = *reply;
		answer_tell(company->lies[i], &t[i], asked, &copy);
		if (t[i].lied)
			told(state, &company->could[state->self * company->lie_count + i]);
	}
	given = company->given[state->self];
	if (company->witness || given == NO_LIE)
		return;
	answer_tell(company->lies[given], t, asked, &copy);
	if (!t->lied || t->ready++ < company->spare[state->self])
		return;
	*reply = copy;
	told(state, &company->told[state->self]);
}

struct liar company_liar(struct company *company)
{
	return (struct liar){.arg = company, .begin = liar_begin, .frame = liar_frame,
		.asked = liar_asked, .answer = liar_answer};
}
