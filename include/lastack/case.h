/*
 * A case: one claim about the DUT, as a const record and a body.
 *
 * FAMILY opens a file; CASE and CASE_EACH add a case each. A pointer to every record goes to the
 * linker section lastack_cases, so that nothing is listed anywhere else.
 */
#ifndef LASTACK_CASE_H
#define LASTACK_CASE_H

#include <lastack/clock.h>
#include <lastack/dut.h>
#include <lastack/peer.h>
#include <lastack/requirement.h>
#include <lastack/segment.h>

/* Address families, for .over; unset means both, a verdict each. */
enum over { IPV4 = 1, IPV6 = 2 };

/* What a case needs of the way to its DUT, for .needs; bits. */
enum need {
	DUT_AGENT = 1u << 0, /* socket calls and states */
	SYSCTLS = 1u << 1,   /* sysctls of the DUT's namespace */
	FLOOD = 1u << 2,     /* leave to fill queues of the DUT, which others may need */
	/* Hours of waiting: left out where time is real. The budget is in virtual time. */
	VIRTUAL_TIME = 1u << 3,
	/*
	 * An open port and no more: the wire alone shows the claim. Verbs that look into the DUT
	 * (dut_accept, dut_expect_*) do so where an agent is, and nothing where none is.
	 */
	BLACK_BOX = 1u << 4,
	/* Of what listens there. It sends back what it gets; speaks first; closes when asked to. */
	SERVICE_ECHO = 1u << 5,
	SERVICE_GREET = 1u << 6,
	SERVICE_CLOSE = 1u << 7,
	/* It does not speak first; never speaks, whatever it gets; nor closes, even after a FIN. */
	SERVICE_WAITS = 1u << 8,
	SERVICE_QUIET = 1u << 9,
	SERVICE_HOLDS = 1u << 10,
	/* No router between, which would count down what the case is about. */
	ON_LINK = 1u << 11,
	/* A DUT for itself: what it remembers of a peer is met by other cases, or by us. */
	OWN_DUT = 1u << 12,
	/* Of the DUT's SYN-ACKs: they agree to what RFC 7323 leaves to each. */
	AGREES_TO_TIMESTAMPS = 1u << 13,
	AGREES_TO_SCALE = 1u << 14,
	/* No stateful filter that drops what the case rests on: .filtered, .filtered_strictly. */
	NO_FILTER = 1u << 15,
	NO_STRICT_FILTER = 1u << 16,
};

#define CASE_REQUIREMENTS_MAX 6

struct family {
	const char *name;
	const char *title;
	const char *file;
};

struct case_record {
	const char *name;
	const struct family *family;
	const char *file;
	int line;
	void (*body)(struct lab *lab, const void *row);
	const void *rows; /* CASE_EACH: the table, its rows' size and number */
	size_t row_size;
	size_t row_count;

	enum requirement_id requirement;                      /* the one it is judged by */
	enum requirement_id also[CASE_REQUIREMENTS_MAX];      /* others that it shows */
	enum level judged_as; /* where not the requirement's level: a MAY once taken up, say */
	const char *claim;
	unsigned over;
	unsigned needs; /* unset: DUT_AGENT */
	nanos budget;   /* how long it may take; unset: sec(5) */
	/*
	 * Rows (globs, separated by spaces), or "*" of a case without rows, that rest on segments
	 * which a stateful filter before the DUT's TCP drops: of no connection, or not fitting one
	 * (Linux: conntrack's state "invalid"). filtered_strictly: on an ACK or data of no
	 * connection, which conntrack takes for the middle of one that it has not seen begin, if
	 * nf_conntrack_tcp_loose is not 0.
	 */
	const char *filtered, *filtered_strictly;
};

#define FAMILY(name_, title_)                                                                      \
	static const struct family lastack_family = {#name_, title_, __FILE__}

#define LASTACK_REGISTER(name_)                                                                    \
	static const struct case_record *const lastack_pointer_##name_                             \
		__attribute__((used, section("lastack_cases"))) = &lastack_case_##name_

/* CASE(name, .requirement = ..., .claim = "...", ...) { body that sees lab } */
#define CASE(name_, ...)                                                                           \
	static void lastack_body_##name_(struct lab *lab);                                         \
	static void lastack_enter_##name_(struct lab *lab, const void *row)                        \
	{                                                                                          \
		(void)row;                                                                         \
		lastack_body_##name_(lab);                                                         \
	}                                                                                          \
	static const struct case_record lastack_case_##name_ = {.name = #name_,                    \
		.family = &lastack_family, .file = __FILE__, .line = __LINE__,                     \
		.body = lastack_enter_##name_, __VA_ARGS__};                                       \
	LASTACK_REGISTER(name_);                                                                   \
	static void lastack_body_##name_(struct lab *lab)

/*
 * CASE_EACH(name, struct row_type, table, .requirement = ..., ...) { body that sees lab and row }:
 * a case for each row of a const array. The row's first member is its name (const char *, letters,
 * digits and _), and the case is called NAME/ROW.
 */
#define CASE_EACH(name_, row_type_, table_, ...)                                                   \
	static void lastack_body_##name_(struct lab *lab, const row_type_ *row);                   \
	static void lastack_enter_##name_(struct lab *lab, const void *row)                        \
	{                                                                                          \
		lastack_body_##name_(lab, row);                                                    \
	}                                                                                          \
	static const struct case_record lastack_case_##name_ = {.name = #name_,                    \
		.family = &lastack_family, .file = __FILE__, .line = __LINE__,                     \
		.body = lastack_enter_##name_, .rows = (table_), .row_size = sizeof((table_)[0]),  \
		.row_count = sizeof(table_) / sizeof((table_)[0]), __VA_ARGS__};                   \
	LASTACK_REGISTER(name_);                                                                   \
	static void lastack_body_##name_(struct lab *lab, const row_type_ *row)

#endif
