/*
 * How an exchange ends, and what is known of its end. Nothing is judged here: the facts go to the
 * observer, and module verdict makes a verdict of them.
 */
#include "peer/inside.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void exchange_off_by(struct exchange *x, nanos off)
{
	x->facts.off_by = off;
}

struct break_facts exchange_facts(const struct exchange *x)
{
	struct break_facts facts = x->facts;

	facts.line = x->line;
	facts.late = x->late;
	for (const struct peer *p = x->peers; p; p = p->next)
		if (p->ttl_most &&
		    p->ttl_most - p->ttl_least >= (int)(facts.hops_most - facts.hops_least)) {
			facts.hops_least = p->ttl_least;
			facts.hops_most = p->ttl_most;
		}
	if (*x->foreign)
		facts.foreign_error = x->foreign;
	return facts;
}

static void __attribute__((noreturn, format(printf, 2, 0)))
end_broken(struct exchange *x, const char *format, va_list args)
{
	char message[1024];

	vsnprintf(message, sizeof(message), format, args);
	if (exchange_stalled(x)) {
		x->facts.stall = x->stall;
		x->facts.stall_of = x->stall_of;
	}
	x->facts.starved = exchange_dut_starved(x);
	ladder_tell(x, true);
	x->config.observer.verdict(x->config.observer.arg, true, VERDICT_FAIL, x->line, message);
}

void exchange_break(struct exchange *x, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	x->facts.kind = BREAK_CALL;
	end_broken(x, format, args);
}

void exchange_break_as(struct exchange *x, enum break_kind kind, nanos off, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	x->facts.kind = kind;
	x->facts.off_by = off;
	end_broken(x, format, args);
}

void exchange_end(struct exchange *x, enum verdict verdict, const char *format, ...)
{
	char message[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	ladder_tell(x, true);
	x->config.observer.verdict(x->config.observer.arg, false, verdict, x->line, message);
}

void exchange_end_unreached(struct exchange *x, const char *what)
{
	x->facts.no_reach = ETIMEDOUT;
	exchange_end(x, VERDICT_ERROR, "the agent did not answer: %s", what);
}

void exchange_tolerate(struct exchange *x)
{
	x->tolerates = true;
}

void exchange_audit(struct exchange *x)
{
	if (x->config.rehearsal) {
		ladder_tell(x, true);
		return;
	}
	x->tolerates = true;
	exchange_drain(x);
	ladder_tell(x, true);
	x->facts.drops_unknown = wire_dropped(x->config.wire, &x->facts.dropped) != 0;
	x->facts.clock_step = clock_offset() - x->offset;
}
