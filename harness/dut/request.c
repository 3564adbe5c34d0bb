#include "dut/field.h"
#include "dut/message.h"
#include "dut/verb.h"
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

const struct verb verbs[AGENT_VERBS] = {
	[AGENT_SOCKET] = {"socket", IN_FAMILY},
	[AGENT_BIND] = {"bind", IN_SOCKET | IN_LOCAL | IN_REUSE},
	[AGENT_LISTEN] = {"listen", IN_SOCKET | IN_VALUE},
	[AGENT_ACCEPT] = {"accept", IN_SOCKET | IN_WAIT},
	[AGENT_CONNECT] = {"connect", IN_SOCKET | IN_REMOTE | IN_WAIT},
	[AGENT_READ] = {"read", IN_SOCKET | IN_SIZE | IN_WAIT | IN_URGENT},
	[AGENT_WRITE] = {"write", IN_SOCKET | IN_WAIT | IN_DATA | IN_URGENT},
	[AGENT_SHUTDOWN] = {"shutdown", IN_SOCKET | IN_VALUE},
	[AGENT_CLOSE] = {"close", IN_SOCKET},
	[AGENT_SETSOCKOPT] = {"setsockopt", IN_SOCKET | IN_LEVEL | IN_NAME | IN_VALUE},
	[AGENT_LINGER] = {"linger", IN_SOCKET | IN_VALUE | IN_SIZE},
	[AGENT_GETSOCKOPT] = {"getsockopt", IN_SOCKET | IN_LEVEL | IN_NAME},
	[AGENT_INFO] = {"info", IN_SOCKET},
	[AGENT_STATE] = {"state", IN_LOCAL | IN_REMOTE_OPTIONAL},
	[AGENT_STATE_WAIT] = {"state-wait", IN_LOCAL | IN_REMOTE_OPTIONAL | IN_STATE | IN_WAIT},
	[AGENT_STATE_HOLD] = {"state-hold", IN_LOCAL | IN_REMOTE_OPTIONAL | IN_STATE | IN_WAIT},
	[AGENT_QUEUE_WAIT] = {"queue-wait", IN_LOCAL | IN_SIZE | IN_WAIT},
	[AGENT_POLL] = {"poll", IN_SOCKET | IN_VALUE | IN_WAIT},
	[AGENT_SYSCTL_GET] = {"sysctl-get", IN_TEXT},
	[AGENT_SYSCTL_SET] = {"sysctl-set", IN_TEXT | IN_NUMBER},
	[AGENT_COUNTER] = {"counter", IN_TEXT},
	[AGENT_URGENT] = {"urgent", IN_WAIT},
	[AGENT_MARK] = {"mark", IN_SOCKET},
};

#define MEMBER(name) offsetof(struct agent_request, name)
static const struct field fields[] = {
	{"socket", IN_SOCKET, FIELD_INT, MEMBER(socket), 1, AGENT_SOCKETS_MAX, false},
	{"family", IN_FAMILY, FIELD_U8, MEMBER(family), 4, 6, false},
	{"local", IN_LOCAL, FIELD_ADDRESS, MEMBER(local), 0, 0, false},
	{"local_port", IN_LOCAL, FIELD_U16, MEMBER(local_port), 0, UINT16_MAX, false},
	{"remote", IN_REMOTE, FIELD_ADDRESS, MEMBER(remote), 0, 0, false},
	{"remote_port", IN_REMOTE, FIELD_U16, MEMBER(remote_port), 0, UINT16_MAX, false},
	{"remote", IN_REMOTE_OPTIONAL, FIELD_ADDRESS, MEMBER(remote), 0, 0, true},
	{"remote_port", IN_REMOTE_OPTIONAL, FIELD_U16, MEMBER(remote_port), 0, UINT16_MAX, true},
	{"reuse", IN_REUSE, FIELD_BOOL, MEMBER(reuse), 0, 0, false},
	{"level", IN_LEVEL, FIELD_INT, MEMBER(level), INT_MIN, INT_MAX, false},
	{"name", IN_NAME, FIELD_INT, MEMBER(name), INT_MIN, INT_MAX, false},
	{"value", IN_VALUE, FIELD_INT, MEMBER(value), INT_MIN, INT_MAX, false},
	{"size", IN_SIZE, FIELD_SIZE, MEMBER(size), 0, INT_MAX, false},
	{"number", IN_NUMBER, FIELD_I64, MEMBER(number), INT64_MIN, INT64_MAX, false},
	{"state", IN_STATE, FIELD_STATE, MEMBER(state), 0, 0, false},
	{"wait", IN_WAIT, FIELD_I64, MEMBER(wait), 0, INT64_MAX, false},
	{"urgent", IN_URGENT, FIELD_BOOL, MEMBER(urgent), 0, 0, true},
	{"text", IN_TEXT, FIELD_TEXT, MEMBER(text), 1, 255, false},
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))
static const struct field id_field = {"id", 0, FIELD_U32, 0, 1, UINT32_MAX, false};

/* What a table row cannot say. */
static int request_check(const struct agent_request *request, struct why *why)
{
	unsigned mask = verbs[request->verb].fields;

	if (mask & IN_FAMILY && request->family == 5)
		return why_set(why, EPROTO, "family is out of range: 5");
	if (request->verb == AGENT_READ &&
	    (request->size == 0 || request->size > AGENT_PAYLOAD_MAX))
		return why_set(why, EPROTO, "size is out of range: %zu", request->size);
	if (mask & IN_LOCAL && request->remote.family &&
	    request->remote.family != request->local.family)
		return why_set(why, EPROTO, "local and remote are of two families");
	if (!(mask & IN_DATA) && request->data.len)
		return why_set(why, EPROTO, "%s takes no payload", verbs[request->verb].name);
	return 0;
}

int agent_request_encode(struct buffer *out, uint32_t id, const struct agent_request *request)
{
	struct agent_request used = *request;
	unsigned mask;
	json_t *object;
	int error;

	if (request->verb >= AGENT_VERBS)
		return -EINVAL;
	mask = verbs[request->verb].fields;
	if (!(mask & IN_DATA))
		used.data = (struct bytes){NULL, 0};
	if (!(mask & (IN_REMOTE | IN_REMOTE_OPTIONAL)))
		used.remote.family = 0;
	if (used.data.len > AGENT_PAYLOAD_MAX)
		return -E2BIG;
	if (request_check(&used, NULL) != 0)
		return -EINVAL;
	object = json_object();
	if (!object)
		return -ENOMEM;
	error = field_encode(object, &id_field, &id);
	if (!error && json_object_set_new(object, "verb", json_string(verbs[used.verb].name)) != 0)
		error = -ENOMEM;
	for (size_t i = 0; i < FIELDS && !error; i++) {
		if (mask & fields[i].bit)
			error = field_encode(object, &fields[i], &used);
	}
	if (!error)
		error = message_encode(out, object, used.data);
	json_decref(object);
	return error;
}

static int verb_decode(const json_t *object, enum agent_verb *out, struct why *why)
{
	const char *name = json_string_value(json_object_get(object, "verb"));

	if (!name)
		return why_set(why, EPROTO, "verb is missing, or no string");
	for (unsigned i = 0; i < AGENT_VERBS; i++) {
		if (strcmp(verbs[i].name, name) == 0) {
			*out = (enum agent_verb)i;
			return 0;
		}
	}
	return why_set(why, EPROTO, "there is no verb \"%.40s\"", name);
}

static int request_take(const json_t *object, uint32_t *id, struct agent_request *request,
                        struct why *why)
{
	size_t taken = 2; /* id and verb */
	int error = field_decode(object, &id_field, id, why);

	if (error < 0)
		return error;
	error = verb_decode(object, &request->verb, why);
	if (error)
		return error;
	for (size_t i = 0; i < FIELDS; i++) {
		if (!(verbs[request->verb].fields & fields[i].bit))
			continue;
		error = field_decode(object, &fields[i], request, why);
		if (error < 0)
			return error;
		taken += (size_t)error;
	}
	if (json_object_size(object) != taken)
		return why_set(why, EPROTO, "%s has a field that it does not take",
		               verbs[request->verb].name);
	return request_check(request, why);
}

ssize_t agent_request_decode(const uint8_t *bytes, size_t n, uint32_t *id,
                             struct agent_request *request, struct agent_storage *storage,
                             struct why *why)
{
	struct agent_request taken = {.verb = AGENT_SOCKET};
	uint32_t taken_id;
	json_t *object;
	ssize_t len = message_decode(bytes, n, &object, &taken.data, why);
	int error;

	if (len <= 0)
		return len;
	error = request_take(object, &taken_id, &taken, why);
	if (error) {
		json_decref(object);
		return error;
	}
	*id = taken_id;
	*request = taken;
	storage->json = object;
	return len;
}
