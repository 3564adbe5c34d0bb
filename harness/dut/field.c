#include "dut/field.h"
#include <errno.h>
#include <string.h>

static int64_t integer_get(enum field_type type, const void *at)
{
	uint64_t size;

	switch (type) {
	case FIELD_INT:
		return *(const int *)at;
	case FIELD_UNSIGNED:
		return *(const unsigned *)at;
	case FIELD_U8:
		return *(const uint8_t *)at;
	case FIELD_U16:
		return *(const uint16_t *)at;
	case FIELD_U32:
		return *(const uint32_t *)at;
	case FIELD_SIZE:
		/* A size beyond int64_t is beyond every bound too. */
		size = *(const size_t *)at;
		return size > INT64_MAX ? -1 : (int64_t)size;
	default:
		return *(const int64_t *)at;
	}
}

static void integer_set(enum field_type type, void *at, int64_t value)
{
	switch (type) {
	case FIELD_INT:
		*(int *)at = (int)value;
		break;
	case FIELD_UNSIGNED:
		*(unsigned *)at = (unsigned)value;
		break;
	case FIELD_U8:
		*(uint8_t *)at = (uint8_t)value;
		break;
	case FIELD_U16:
		*(uint16_t *)at = (uint16_t)value;
		break;
	case FIELD_U32:
		*(uint32_t *)at = (uint32_t)value;
		break;
	case FIELD_SIZE:
		*(size_t *)at = (size_t)value;
		break;
	default:
		*(int64_t *)at = value;
		break;
	}
}

/* The JSON of a member that is not a number; NULL when it cannot be told. */
static json_t *value_encode(const struct field *field, const void *at)
{
	char address[ADDRESS_TEXT_MAX];
	const char *string;
	enum state state;

	switch (field->type) {
	case FIELD_BOOL:
		return json_boolean(*(const bool *)at);
	case FIELD_STATE:
		state = *(const enum state *)at;
		if (state <= STATE_NONE || state > CLOSED)
			return NULL;
		return json_string(state_name(state));
	case FIELD_ADDRESS:
		if (((const struct address *)at)->family != 4 &&
		    ((const struct address *)at)->family != 6)
			return NULL;
		return json_string(address_text(at, address));
	default:
		string = *(const char *const *)at;
		if (!string || !*string || strlen(string) > (size_t)field->high)
			return NULL;
		return json_string(string);
	}
}

static bool field_is_zero(const struct field *field, const void *at)
{
	switch (field->type) {
	case FIELD_BOOL:
		return !*(const bool *)at;
	case FIELD_STATE:
		return *(const enum state *)at == STATE_NONE;
	case FIELD_ADDRESS:
		return ((const struct address *)at)->family == 0;
	case FIELD_TEXT:
		return !*(const char *const *)at;
	default:
		return integer_get(field->type, at) == 0;
	}
}

int field_encode(json_t *object, const struct field *field, const void *base)
{
	const void *at = (const char *)base + field->at;
	json_t *value;
	int64_t number;

	if (field->optional && field_is_zero(field, at))
		return 0;
	if (field->type < FIELD_BOOL) {
		number = integer_get(field->type, at);
		if (number < field->low || number > field->high)
			return -EINVAL;
		value = json_integer(number);
	} else {
		value = value_encode(field, at);
	}
	/* Takes the reference; a NULL value fails. Names are literals of this room. */
	return json_object_set_new_nocheck(object, field->name, value) ? -EINVAL : 0;
}

static int state_decode(const char *name, enum state *out)
{
	for (enum state state = LISTEN; state <= CLOSED; state++) {
		if (strcmp(state_name(state), name) == 0) {
			*out = state;
			return 0;
		}
	}
	return -EINVAL;
}

static int string_decode(const json_t *value, const struct field *field, void *at, struct why *why)
{
	const char *string = json_string_value(value);

	if (!string)
		return why_set(why, EPROTO, "%s is not a string", field->name);
	if (field->type == FIELD_STATE && state_decode(string, at) != 0)
		return why_set(why, EPROTO, "%s is no state", field->name);
	if (field->type == FIELD_ADDRESS && address_parse(string, at) != 0)
		return why_set(why, EPROTO, "%s is no address", field->name);
	if (field->type == FIELD_TEXT) {
		size_t len = json_string_length(value);

		if (len == 0 || len > (size_t)field->high)
			return why_set(why, EPROTO, "%s has %zu bytes", field->name, len);
		*(const char **)at = string;
	}
	return 1;
}

int field_decode(const json_t *object, const struct field *field, void *base, struct why *why)
{
	void *at = (char *)base + field->at;
	const json_t *value = json_object_get(object, field->name);
	int64_t number;

	if (!value && field->optional)
		return 0;
	if (!value)
		return why_set(why, EPROTO, "%s is missing", field->name);
	if (field->type == FIELD_BOOL) {
		if (!json_is_boolean(value))
			return why_set(why, EPROTO, "%s is not true or false", field->name);
		*(bool *)at = json_is_true(value);
		return 1;
	}
	if (field->type > FIELD_BOOL)
		return string_decode(value, field, at, why);
	if (!json_is_integer(value))
		return why_set(why, EPROTO, "%s is not a whole number", field->name);
	number = json_integer_value(value);
	if (number < field->low || number > field->high)
		return why_set(why, EPROTO, "%s is out of range: %lld", field->name,
		               (long long)number);
	integer_set(field->type, at, number);
	return 1;
}
