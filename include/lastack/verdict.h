/*
 * How a case ends. In order: the worst wins.
 */
#ifndef LASTACK_VERDICT_H
#define LASTACK_VERDICT_H

enum verdict {
	VERDICT_PASS,
	VERDICT_SKIP,         /* something is missing here; the message says what */
	VERDICT_DEVIATION,    /* a SHOULD is broken */
	VERDICT_INCONCLUSIVE, /* our own side was late, or the capture dropped frames */
	VERDICT_FAIL,         /* a MUST is broken */
	VERDICT_ERROR,        /* the harness could not do its work */
};
#define VERDICTS 6

/* "pass", "skip", ... */
const char *verdict_name(enum verdict verdict);
/* 0 and the verdict of a name, or -EINVAL. */
int verdict_parse(const char *name, enum verdict *out);

#endif
