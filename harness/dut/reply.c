#include "dut/field.h"
#include "dut/message.h"
#include <errno.h>
#include <limits.h>
#include <stddef.h>

#define ERRNO_MAX 4095 /* the kernel's MAX_ERRNO */

#define MEMBER(name) offsetof(struct agent_reply, name)
static const struct field fields[] = {
	{"id", 0, FIELD_U32, MEMBER(id), 0, UINT32_MAX, false},
	{"error", 0, FIELD_INT, MEMBER(error), 0, ERRNO_MAX, false},
	{"began", 0, FIELD_I64, MEMBER(began), 0, INT64_MAX, false},
	{"ended", 0, FIELD_I64, MEMBER(ended), 0, INT64_MAX, false},
	{"late", 0, FIELD_I64, MEMBER(late), 0, INT64_MAX, true},
	{"socket", 0, FIELD_INT, MEMBER(socket), 1, AGENT_SOCKETS_MAX, true},
	{"number", 0, FIELD_I64, MEMBER(number), INT64_MIN, INT64_MAX, true},
	{"remote", 0, FIELD_ADDRESS, MEMBER(remote), 0, 0, true},
	{"remote_port", 0, FIELD_U16, MEMBER(remote_port), 0, UINT16_MAX, true},
	{"state", 0, FIELD_STATE, MEMBER(state), 0, 0, true},
	{"why", 0, FIELD_TEXT, MEMBER(why), 1, sizeof(((struct why *)0)->text), true},
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))
#undef MEMBER

/* In the object "info", there when info.state is not STATE_NONE. */
#define MEMBER(name) offsetof(struct dut_info, name)
static const struct field info_fields[] = {
	{"state", 0, FIELD_STATE, MEMBER(state), 0, 0, false},
	{"retransmits", 0, FIELD_UNSIGNED, MEMBER(retransmits), 0, UINT_MAX, false},
	{"probes", 0, FIELD_UNSIGNED, MEMBER(probes), 0, UINT_MAX, false},
	{"backoff", 0, FIELD_UNSIGNED, MEMBER(backoff), 0, UINT_MAX, false},
	{"unacked", 0, FIELD_UNSIGNED, MEMBER(unacked), 0, UINT_MAX, false},
	{"rto", 0, FIELD_I64, MEMBER(rto), 0, INT64_MAX, false},
	{"rtt", 0, FIELD_I64, MEMBER(rtt), 0, INT64_MAX, false},
	{"snd_mss", 0, FIELD_UNSIGNED, MEMBER(snd_mss), 0, UINT_MAX, false},
	{"rcv_mss", 0, FIELD_UNSIGNED, MEMBER(rcv_mss), 0, UINT_MAX, false},
	{"snd_wscale", 0, FIELD_UNSIGNED, MEMBER(snd_wscale), 0, UINT_MAX, false},
	{"rcv_wscale", 0, FIELD_UNSIGNED, MEMBER(rcv_wscale), 0, UINT_MAX, false},
	{"snd_cwnd", 0, FIELD_UNSIGNED, MEMBER(snd_cwnd), 0, UINT_MAX, false},
	{"timestamps", 0, FIELD_BOOL, MEMBER(timestamps), 0, 0, false},
	{"sack", 0, FIELD_BOOL, MEMBER(sack), 0, 0, false},
};
#define INFO_FIELDS (sizeof(info_fields) / sizeof(info_fields[0]))

static int info_encode(json_t *object, const struct dut_info *info)
{
	json_t *inner = json_object();
	int error = inner ? 0 : -ENOMEM;

	for (size_t i = 0; i < INFO_FIELDS && !error; i++)
		error = field_encode(inner, &info_fields[i], info);
	if (error) {
		json_decref(inner);
		return error;
	}
	return json_object_set_new(object, "info", inner) ? -ENOMEM : 0;
}

/* A reason may quote what came from outside, and a reply must go out whatever that was. */
static const char *why_sayable(const char *why)
{
	json_t *string;

	if (!why || !*why)
		return NULL;
	string = json_string(why);
	json_decref(string);
	return string ? why : "the reason is not UTF-8";
}

int agent_reply_encode(struct buffer *out, const struct agent_reply *reply)
{
	struct agent_reply told = *reply;
	json_t *object = json_object();
	int error = object ? 0 : -ENOMEM;

	told.why = why_sayable(reply->why);
	for (size_t i = 0; i < FIELDS && !error; i++)
		error = field_encode(object, &fields[i], &told);
	if (!error && reply->info.state != STATE_NONE)
		error = info_encode(object, &reply->info);
	if (!error)
		error = message_encode(out, object, reply->data);
	json_decref(object);
	return error;
}

static int info_decode(const json_t *object, struct dut_info *info, struct why *why)
{
	if (!json_is_object(object))
		return why_set(why, EPROTO, "info is no object");
	for (size_t i = 0; i < INFO_FIELDS; i++) {
		int error = field_decode(object, &info_fields[i], info, why);

		if (error < 0) {
			why_add(why, "info: ");
			return error;
		}
	}
	if (json_object_size(object) != INFO_FIELDS)
		return why_set(why, EPROTO, "info has a field that is not known");
	return 0;
}

static int reply_take(const json_t *object, struct agent_reply *reply, struct why *why)
{
	const json_t *info = json_object_get(object, "info");
	size_t taken = info ? 1 : 0;

	for (size_t i = 0; i < FIELDS; i++) {
		int error = field_decode(object, &fields[i], reply, why);

		if (error < 0)
			return error;
		taken += (size_t)error;
	}
	if (json_object_size(object) != taken)
		return why_set(why, EPROTO, "a reply has a field that is not known");
	return info ? info_decode(info, &reply->info, why) : 0;
}

ssize_t agent_reply_decode(const uint8_t *bytes, size_t n, struct agent_reply *reply,
                           struct agent_storage *storage, struct why *why)
{
	struct agent_reply taken = {.id = 0};
	json_t *object;
	ssize_t len = message_decode(bytes, n, &object, &taken.data, why);
	int error;

	if (len <= 0)
		return len;
	error = reply_take(object, &taken, why);
	if (error) {
		json_decref(object);
		return error;
	}
	*reply = taken;
	storage->json = object;
	return len;
}

void agent_storage_free(struct agent_storage *storage)
{
	json_decref(storage->json);
	storage->json = NULL;
}
