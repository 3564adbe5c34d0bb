/*
 * Flags, numbers, durations, payloads and targets, as people type them.
 */
#include "probe/scan.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	unsigned flag;
} flag_names[] = {
	{"fin", FIN}, {"syn", SYN}, {"rst", RST}, {"reset", RST}, {"psh", PSH}, {"push", PSH},
	{"ack", ACK}, {"urg", URG}, {"ece", ECE}, {"cwr", CWR},	  {"ae", AE},	{"ns", AE},
};

/* tcpdump's letters, scapy's C and N, and small ones. A small e is tcpdump's AE. */
static unsigned flag_letter(char c)
{
	static const struct {
		const char *letters;
		unsigned flag;
	} all[] = {{"Ff", FIN}, {"Ss", SYN}, {"Rr", RST},  {"Pp", PSH}, {"Aa.", ACK},
		   {"Uu", URG}, {"E", ECE},  {"WwCc", CWR}, {"eN", AE}};

	for (size_t i = 0; c && i < sizeof(all) / sizeof(all[0]); i++)
		if (strchr(all[i].letters, c))
			return all[i].flag;
	return 0;
}

static bool flag_end(char c)
{
	return !isalnum((unsigned char)c) && c != '.';
}

static int flag_add(struct scan *s, size_t at, unsigned flag, unsigned *out)
{
	if (*out & flag)
		return scan_refuse_at(s, at, "this flag was there before");
	*out |= flag;
	return 0;
}

/* One piece of a list: a name, or letters. */
static int flags_piece(struct scan *s, unsigned *out)
{
	size_t begin;

	scan_blanks(s);
	begin = s->at;
	for (size_t i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]); i++)
		if (scan_word(s, flag_names[i].name) && scan_peek(s) != '.')
			return flag_add(s, begin, flag_names[i].flag, out);
	s->at = begin;
	for (; !flag_end(scan_peek(s)); s->at++) {
		unsigned flag = flag_letter(scan_peek(s));
		int r;

		if (!flag)
			return scan_refuse(s, "'%c' is no flag: S A F R P U E W, or none",
					   scan_peek(s));
		r = flag_add(s, s->at, flag, out);
		if (r)
			return r;
	}
	if (s->at != begin)
		return 0;
	if (!scan_peek(s))
		return scan_refuse(s, "want a flag");
	return scan_refuse(s, "'%c' is no flag: S A F R P U E W, or none", scan_peek(s));
}

int scan_flags(struct scan *s, unsigned *out)
{
	unsigned flags = 0;
	uint32_t number;
	int r;

	scan_blanks(s);
	if (scan_word(s, "none") || scan_word(s, "null")) {
		*out = 0;
		return 0;
	}
	if (isdigit((unsigned char)scan_peek(s))) {
		r = scan_number(s, 0x1ff, &number);
		*out = r ? *out : number;
		return r;
	}
	do {
		r = flags_piece(s, &flags);
		if (r)
			return r;
	} while (scan_char(s, ',') || scan_char(s, '+') || scan_char(s, '-'));
	*out = flags;
	return 0;
}

int spell_flags(const char *what, const char *text_, unsigned *out, struct why *why)
{
	struct scan s = {what, text_, 0, why};
	unsigned flags = 0;
	int r = scan_flags(&s, &flags);

	if (!r)
		r = scan_end(&s);
	if (!r)
		*out = flags;
	return r;
}

int spell_number(const char *what, const char *text_, uint32_t max, bool *relative, uint32_t *out,
		 struct why *why)
{
	struct scan s = {what, text_, 0, why};
	bool plus = relative && scan_char(&s, '+');
	uint32_t value;
	int r = scan_number(&s, max, &value);

	if (!r)
		r = scan_end(&s);
	if (r)
		return r;
	if (relative)
		*relative = plus;
	*out = value;
	return 0;
}

int spell_duration(const char *what, const char *text_, nanos *out, struct why *why)
{
	struct scan s = {what, text_, 0, why};
	nanos value;
	int r = scan_duration(&s, &value);

	if (!r)
		r = scan_end(&s);
	if (!r)
		*out = value;
	return r;
}

int spell_options(const char *what, const char *text_, struct option out[OPTIONS_MAX], size_t *n,
		  struct why *why)
{
	struct scan s = {what, text_, 0, why};
	struct option list[OPTIONS_MAX] = {{.used = false}};
	size_t count = 0;
	char end = '\0';
	int r;

	scan_blanks(&s);
	if (scan_char(&s, '<'))
		end = '>';
	else if (scan_char(&s, '['))
		end = ']';
	r = scan_options(&s, end, list, &count);
	if (!r)
		r = scan_end(&s);
	if (r)
		return r;
	memcpy(out, list, sizeof(list));
	*n = count;
	return 0;
}

int spell_data(const char *what, const char *text_, struct buffer *out, struct why *why)
{
	struct scan s = {what, text_, 0, why};
	int r;

	if (strncmp(text_, "hex:", 4))
		return scan_text(&s, '\0', out);
	r = scan_data(&s, out);
	return r ? r : scan_end(&s);
}

/* What is written as an address must be one: no name server is asked for 10.0.0.256. */
static int host_judge(const struct scan *s, size_t at, const char *host, bool bracketed)
{
	char bare[PROBE_HOST_MAX] = "";
	struct address address;

	memcpy(bare, host, strcspn(host, "%"));
	if (bracketed && (address_parse(bare, &address) || address.family != 6))
		return scan_refuse_at(s, at, "'%s' is no IPv6 address", host);
	if (!bracketed && *host && !host[strspn(host, "0123456789.")] &&
	    address_parse(host, &address))
		return scan_refuse_at(s, at, "'%s' is no IPv4 address: four numbers below 256",
				      host);
	return 0;
}

static int host_scan(struct scan *s, struct probe_target *target)
{
	const char *begin, *end;
	size_t n;

	if (scan_char(s, '[')) {
		begin = s->text + s->at;
		end = strchr(begin, ']');
		if (!end)
			return scan_refuse_at(s, 0, "this [ has no ]");
		s->at += (size_t)(end - begin) + 1;
		if (end == begin)
			return scan_refuse_at(s, 1, "want an IPv6 address");
	} else {
		begin = s->text;
		end = strrchr(begin, ':');
		if (!end) {
			s->at = strlen(begin);
			return scan_refuse(s, "want :PORT");
		}
		if (memchr(begin, ':', (size_t)(end - begin)))
			return scan_refuse_at(s, 0, "an IPv6 address stands in [ ]");
		s->at = (size_t)(end - begin);
	}
	n = (size_t)(end - begin);
	if (n >= PROBE_HOST_MAX)
		return scan_refuse_at(s, 0, "a name has at most %d characters", PROBE_HOST_MAX - 1);
	memcpy(target->host, begin, n);
	return host_judge(s, (size_t)(begin - s->text), target->host, *s->text == '[');
}

int spell_target(const char *what, const char *text_, struct probe_target *out, struct why *why)
{
	struct scan s = {what, text_, 0, why};
	struct probe_target target = {.port = 0};
	size_t begin;
	uint32_t port;
	int r = host_scan(&s, &target);

	if (r)
		return r;
	if (!scan_char(&s, ':'))
		return scan_refuse(&s, "want :PORT");
	begin = s.at;
	r = scan_number(&s, UINT16_MAX, &port);
	if (!r)
		r = scan_end(&s);
	if (r)
		return r;
	if (!port)
		return scan_refuse_at(&s, begin, "no port is 0");
	target.port = (uint16_t)port;
	*out = target;
	return 0;
}
