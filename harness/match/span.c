/*
 * Numbers against spans.
 */
#include "match/match.h"
#include <stdio.h>

bool span_holds(struct span span, uint32_t value)
{
	switch (span.kind) {
	case SPAN_UNSET:
		return true;
	case SPAN_IS:
		return value == span.low;
	case SPAN_ISNT:
		return value != span.low;
	case SPAN_FROM_TO:
		/* Modulo 2^32, so that a range may begin before the wrap and end behind it. */
		return value - span.low <= span.high - span.low;
	}
	return false;
}

const char *span_text(struct span span, char out[SPAN_TEXT_MAX])
{
	switch (span.kind) {
	case SPAN_UNSET:
		snprintf(out, SPAN_TEXT_MAX, "any");
		break;
	case SPAN_IS:
		snprintf(out, SPAN_TEXT_MAX, "%u", span.low);
		break;
	case SPAN_ISNT:
		snprintf(out, SPAN_TEXT_MAX, "not %u", span.low);
		break;
	case SPAN_FROM_TO:
		snprintf(out, SPAN_TEXT_MAX, "%u..%u", span.low, span.high);
		break;
	}
	return out;
}
