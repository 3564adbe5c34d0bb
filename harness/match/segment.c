/*
 * A heard segment against a template, and against what every segment must be.
 */
#include "match/report.h"
#include "packet/packet.h"
#include <string.h>

/* One comparison under way: what differs is added to the report, and clears same. */
struct compare {
	bool same;
	struct match_report *report;
};

static void compare_span(struct compare *c, const char *name, struct span want, uint32_t got)
{
	char words[SPAN_TEXT_MAX];

	if (span_holds(want, got))
		return;
	c->same = false;
	report_add(c->report, "want %s %s, got %u", name, span_text(want, words), got);
}

/* Do these flags of a SYN ask for ECN? RFC 3168 section 6.1.1; with AE RFC 9768 section 3.1.1. */
static bool asks_for_ecn(unsigned flags)
{
	return (flags & (CWR | ECE)) == (CWR | ECE);
}

/*
 * Are a SYN's or SYN-ACK's flags for ECN lawful? Whether a host asks for ECN, or agrees when it is
 * asked, is its own choice. A SYN-ACK that agrees has ECE alone; if the SYN had AE too, it has any
 * of the values of RFC 9768 table 2, which are all but the three flags together.
 */
static bool ecn_is_lawful(const struct heard *got)
{
	unsigned flags = got->flags & ECN_FLAGS;

	if (!flags)
		return true;
	if ((got->flags & (SYN | ACK | RST)) == SYN)
		return asks_for_ecn(flags);
	if ((got->flags & (SYN | ACK | RST)) != (SYN | ACK) || !asks_for_ecn(got->asked))
		return false;
	return got->asked & AE ? flags != ECN_FLAGS : flags == ECE;
}

/* An acknowledgement that is wanted with ACK: without it, the field is no number. */
static void compare_ack(struct compare *c, const char *name, const struct segment *want,
			struct span span, const struct heard *got, uint32_t value)
{
	char words[SPAN_TEXT_MAX];

	if (span.kind == SPAN_UNSET || !(want->flags & ACK) || got->flags & ACK) {
		compare_span(c, name, span, value);
		return;
	}
	c->same = false;
	report_add(c->report, "want %s %s, got none", name, span_text(span, words));
}

static void compare_flags(struct compare *c, const struct segment *want, const struct heard *got)
{
	char wanted[FLAGS_TEXT_MAX], heard[FLAGS_TEXT_MAX];
	unsigned judged = ~0u;

	/* PSH is no record marker: where it stands is the sender's choice, RFC 9293 3.9.1.2. */
	if (!want->psh && !(want->flags & PSH))
		judged &= ~(unsigned)PSH;
	if (!want->ecn && !(want->flags & ECN_FLAGS) && ecn_is_lawful(got))
		judged &= ~ECN_FLAGS;
	if ((want->flags & judged) == (got->flags & judged))
		return;
	c->same = false;
	report_add(c->report, "want %s, got %s", flags_text(want->flags, wanted),
		   flags_text(got->flags, heard));
}

static void compare_data(struct compare *c, struct bytes want, const struct heard *got)
{
	const uint8_t *bytes = want.at;
	size_t i = 0;

	if (!want.at)
		return;
	if (want.len != got->len) {
		c->same = false;
		report_add(c->report, "want %zu bytes of data, got %u", want.len, got->len);
		return;
	}
	while (i < want.len && bytes[i] == got->data[i])
		i++;
	if (i == want.len)
		return;
	c->same = false;
	report_add(c->report, "want data byte %zu 0x%02x, got 0x%02x", i, bytes[i], got->data[i]);
}

/*
 * Find an option's bytes where an option begins, in a place that no earlier one of the template
 * took: two options wanted must be there twice. taken has a bit a byte.
 */
static bool option_found(const uint8_t *want, size_t n, const struct heard_options *got,
			 uint64_t *taken)
{
	size_t size;

	for (size_t at = 0; at < got->size; at += size) {
		uint64_t bit = UINT64_C(1) << at;

		if (n <= got->size - at && !(*taken & bit) && !memcmp(got->bytes + at, want, n)) {
			*taken |= bit;
			return true;
		}
		/* Past a length that lies, and past the list's end, no option begins. */
		size = option_size(got->bytes + at, got->size - at);
		if (!size || got->bytes[at] == OPTION_EOL)
			return false;
	}
	return false;
}

static void compare_options(struct compare *c, const struct segment *want, const struct heard *got)
{
	uint64_t taken = 0;

	for (size_t i = 0; i < OPTIONS_MAX; i++) {
		uint8_t bytes[OPTION_BYTES_MAX];
		struct buffer wanted = {.at = NULL}, heard = {.at = NULL};
		size_t n = 0;

		if (!want->options[i].used)
			continue;
		if (!options_encode(&want->options[i], 1, bytes, &n) && n &&
		    option_found(bytes, n, &got->options, &taken))
			continue;
		c->same = false;
		options_text(&wanted, bytes, n);
		options_text(&heard, got->options.bytes, got->options.size);
		report_add(c->report, "want option %s, got [%s]", wanted.at ? wanted.at : "",
			   heard.at ? heard.at : "");
		buffer_free(&wanted);
		buffer_free(&heard);
	}
}

static void compare_without(struct compare *c, uint64_t without, const struct heard_options *got)
{
	uint64_t there = got->kinds & without;

	if (without == WITHOUT_ANY) {
		if (got->size) {
			c->same = false;
			report_add(c->report, "want no options, got %u bytes", got->size);
		}
		return;
	}
	for (unsigned kind = 0; kind < 64; kind++) {
		char name[OPTION_NAME_MAX];

		if (!(there & WITHOUT(kind)))
			continue;
		c->same = false;
		option_name((uint8_t)kind, name);
		report_add(c->report, "want no %s, got one", name);
	}
}

static void compare_value(struct compare *c, unsigned kind, const char *name, struct span want,
			  uint32_t got, const struct heard_options *options)
{
	char words[SPAN_TEXT_MAX];

	if (want.kind == SPAN_UNSET)
		return;
	if (options->kinds & WITHOUT(kind)) {
		compare_span(c, name, want, got);
		return;
	}
	c->same = false;
	report_add(c->report, "want %s %s, got none", name, span_text(want, words));
}

bool match_segment(const struct segment *want, const struct heard *got, struct match_report *report)
{
	struct compare c = {true, report};
	const struct heard_options *options = &got->options;

	report_start(report);
	compare_flags(&c, want, got);
	compare_span(&c, "seq", want->seq, got->seq);
	compare_ack(&c, "ack", want, want->ack, got, got->ack);
	compare_span(&c, "raw seq", want->raw_seq, got->raw_seq);
	compare_ack(&c, "raw ack", want, want->raw_ack, got, got->raw_ack);
	compare_span(&c, "win", want->window, got->window);
	compare_span(&c, "urg", want->urgent, got->urgent);
	compare_span(&c, "length", want->len, got->len);
	compare_data(&c, want->data, got);
	compare_value(&c, OPTION_MSS, "mss", want->mss, options->mss, options);
	compare_value(&c, OPTION_WSCALE, "wscale", want->wscale, options->wscale, options);
	compare_value(&c, OPTION_TIMESTAMPS, "TS val", want->tsval, options->tsval, options);
	compare_value(&c, OPTION_TIMESTAMPS, "TS ecr", want->tsecr, options->tsecr, options);
	compare_options(&c, want, got);
	compare_without(&c, want->without, options);
	compare_span(&c, "ttl", want->ttl, got->ttl);
	compare_span(&c, "tos", want->tos, got->tos);
	compare_span(&c, "data offset", want->data_offset, got->data_offset);
	compare_span(&c, "reserved", want->reserved, got->reserved);
	compare_span(&c, "cksum", want->checksum, got->checksum);
	return c.same;
}

/* The first byte behind an EOL that is not zero, or 0 where there is none. */
static size_t after_end(const struct heard_options *options)
{
	size_t at = 0, size;

	while (at < options->size && options->bytes[at] != OPTION_EOL) {
		size = option_size(options->bytes + at, options->size - at);
		if (!size)
			return 0;
		at += size;
	}
	while (at < options->size && !options->bytes[at])
		at++;
	return at < options->size ? at : 0;
}

bool match_wellformed(const struct heard *got, struct match_report *report)
{
	struct compare c = {true, report};
	size_t stray = after_end(&got->options);

	report_start(report);
	if (!got->checksum_good) {
		c.same = false;
		report_add(report, "checksum 0x%04x is wrong (RFC 9293 MUST-2)", got->checksum);
	}
	if (got->reserved) {
		c.same = false;
		report_add(report, "reserved bits are 0x%x, not 0 (RFC 9293 3.1)", got->reserved);
	}
	if (got->options.malformed) {
		c.same = false;
		report_add(report, "an option's length lies (RFC 9293 MUST-68)");
	}
	if (stray) {
		c.same = false;
		report_add(report, "option byte %zu, behind EOL, is 0x%02x (RFC 9293 MUST-69)",
			   stray, got->options.bytes[stray]);
	}
	if (got->options.kinds & WITHOUT(OPTION_MSS) && !(got->flags & SYN)) {
		c.same = false;
		report_add(report, "MSS option without SYN (RFC 9293 MUST-65)");
	}
	return c.same;
}
