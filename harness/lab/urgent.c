/*
 * Urgent data on the DUT, at a case's word.
 */
#include "lab/inside.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CALL_WAIT sec(1)

static void broken(struct peer *p, const struct agent_reply *reply, const char *what,
		   const char *want)
{
	struct exchange *x = lab_of(p)->exchange;

	exchange_rung(x, p, RUNG_CALL, reply->ended, false, true, what, want);
	exchange_break(x, "want %s, got %s", want, what);
}

void (dut_write_urgent)(struct peer *p, struct bytes data)
{
	struct lab *lab = lab_of(p);
	struct agent_reply reply = call(lab, &(struct agent_request){.verb = AGENT_WRITE,
		.socket = peer_socket(p), .data = data, .urgent = true, .wait = CALL_WAIT},
		"send(MSG_OOB)");

	if (reply.error)
		broken(p, &reply, error_name(reply.error), "send(MSG_OOB) = success");
	lab_rung(lab, p, true, reply.began, "send(%zu, MSG_OOB) = success", data.len);
}

static struct agent_reply told(struct peer *p, nanos wait)
{
	return call(lab_of(p), &(struct agent_request){.verb = AGENT_URGENT, .wait = wait},
		    "SIGURG");
}

void (dut_expect_urgent)(struct peer *p)
{
	struct agent_reply reply = told(p, CALL_WAIT);

	if (reply.error)
		broken(p, &reply, "no SIGURG", "SIGURG");
	lab_rung(lab_of(p), p, false, reply.ended, "SIGURG");
}

void (dut_expect_no_urgent)(struct peer *p)
{
	struct lab *lab = lab_of(p);
	struct agent_reply reply = told(p, 0);

	if (!reply.error && !exchange_rehearsal(lab->exchange))
		broken(p, &reply, "SIGURG", "no SIGURG");
	lab_rung(lab, p, false, reply.ended, "no SIGURG");
}

void (dut_expect_mark)(struct peer *p, bool there)
{
	struct lab *lab = lab_of(p);
	struct agent_reply reply = call(lab, &(struct agent_request){.verb = AGENT_MARK,
		.socket = peer_socket(p)}, "sockatmark()");
	char want[32], got[64];

	snprintf(want, sizeof(want), "sockatmark() = %d", there);
	if (reply.error)
		snprintf(got, sizeof(got), "sockatmark() = %s", error_name(reply.error));
	else
		snprintf(got, sizeof(got), "sockatmark() = %d", reply.number != 0);
	if (!exchange_rehearsal(lab->exchange) && strcmp(want, got) != 0)
		broken(p, &reply, got, want);
	lab_rung(lab, p, false, reply.ended, "%s", want);
}

static struct agent_reply urgent_read(struct peer *p, nanos wait)
{
	return call(lab_of(p), &(struct agent_request){.verb = AGENT_READ,
		.socket = peer_socket(p), .size = 1, .urgent = true, .wait = wait},
		"recv(MSG_OOB)");
}

static void read_words(const struct agent_reply *reply, char *out, size_t size)
{
	if (reply->error)
		snprintf(out, size, "recv(MSG_OOB) = %s", error_name(reply->error));
	else if (reply->data.len != 1)
		snprintf(out, size, "recv(MSG_OOB) = %zu bytes", reply->data.len);
	else
		snprintf(out, size, "recv(MSG_OOB) = 0x%02x", *(const uint8_t *)reply->data.at);
}

void (dut_expect_urgent_byte)(struct peer *p, uint8_t byte)
{
	struct lab *lab = lab_of(p);
	struct agent_reply reply = urgent_read(p, CALL_WAIT);
	char want[64], got[64];

	snprintf(want, sizeof(want), "recv(MSG_OOB) = 0x%02x", byte);
	if (!exchange_rehearsal(lab->exchange)) {
		read_words(&reply, got, sizeof(got));
		if (strcmp(want, got) != 0)
			broken(p, &reply, got, want);
	}
	lab_rung(lab, p, false, reply.ended, "%s", want);
}

void (dut_expect_no_urgent_byte)(struct peer *p)
{
	struct lab *lab = lab_of(p);
	struct agent_reply reply = urgent_read(p, 0);
	char got[64];

	if (!exchange_rehearsal(lab->exchange) && reply.error != EAGAIN && reply.error != EINVAL) {
		read_words(&reply, got, sizeof(got));
		broken(p, &reply, got, "recv(MSG_OOB) = EINVAL or EAGAIN");
	}
	lab_rung(lab, p, false, reply.ended, "recv(MSG_OOB) has nothing");
}
