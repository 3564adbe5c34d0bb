/*
 * The liar in a case's process: which lie the case was given, and how often it was told. What a lie
 * makes of a frame or of a reply is the mutator's.
 */
#include "liar.h"
#include "mutator.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CALLS_MAX 8192
#define FRAME_MAX 70000

struct bytes_of {
	uint8_t *at;
	size_t *len;
};

struct liar_state {
	size_t self; /* the case */
	nanos began; /* monotonic */
	nanos now;   /* when the frame or answer came that is looked at, monotonic */
	struct notes notes;
	struct asked calls[CALLS_MAX]; /* by id */
	uint8_t frame[FRAME_MAX];
	struct telling *tellings; /* of each lie for a witness, else of the given one */
};

/* Memory that the cases' processes write and this one reads. */
static void *shared(size_t n, size_t size)
{
	void *at = mmap(NULL, n * size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

int company_new(struct company *out, const char **names, size_t n, struct why *why)
{
	struct company company = {.cases = names, .case_count = n,
		.lie_count = mutations_list(NULL, 0)};

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
	mutations_list(company.lies, company.lie_count);
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

static void told(const struct liar_state *state, struct chance *chance)
{
	chance->last = state->now - state->began;
	if (!chance->count++)
		chance->first = chance->last;
}

/* The given lie, told of a frame. */
static nanos frame_lie(struct company *company, const struct sighting *now,
                       struct packet *packet, struct bytes_of *frame, nanos *again)
{
	struct liar_state *state = company->state;
	struct telling *t = state->tellings;
	size_t n, room = *frame->len + LIAR_ROOM;

	mutate_frame(company->lies[company->given[state->self]], t, now, packet);
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
	now.seen = notes_add(&state->notes, &packet, now.at);
	if (!now.seen)
		return 0;
	for (size_t i = 0; company->witness && i < company->lie_count; i++) {
		struct packet copy = packet;

		mutate_frame(company->lies[i], &state->tellings[i], &now, &copy);
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
		mutate_reply(company->lies[i], &t[i], asked, &copy);
		if (t[i].lied)
			told(state, &company->could[state->self * company->lie_count + i]);
	}
	given = company->given[state->self];
	if (company->witness || given == NO_LIE)
		return;
	mutate_reply(company->lies[given], t, asked, &copy);
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
