/*
 * The options of probe that make the segment.
 */
#include "cli/probe.h"
#include <errno.h>
#include <string.h>

#define FILE_MAX (1u << 20)

/* An option's error is on stderr: one line, as it is. */
error_t probe_told(struct argp_state *state, int r, const struct why *why)
{
	return r ? options_refuse(state, "%s", why->text) : 0;
}

static error_t number(struct argp_state *state, const char *what, const char *arg, uint32_t max,
		      struct span *absolute, struct span *relative)
{
	struct why why;
	uint32_t value = 0;
	bool plus = false;
	int r = spell_number(what, arg, max, relative ? &plus : NULL, &value, &why);

	if (!r)
		*(plus ? relative : absolute) = is(value);
	return probe_told(state, r, &why);
}

error_t probe_number(struct argp_state *state, const char *what, const char *arg, uint32_t max,
		     uint32_t *out)
{
	struct why why;

	return probe_told(state, spell_number(what, arg, max, NULL, out, &why), &why);
}

static error_t flag(struct probe_input *input, unsigned bit)
{
	input->crafted.tcp.flags |= bit;
	input->flags_set = true;
	return 0;
}

/* The whole of a file, for "@FILE". */
int probe_file(const char *path, const char **name, struct buffer *out, struct why *why)
{
	const bool standard = !strcmp(path, "-");
	FILE *file = stdin;
	char chunk[4096];
	size_t n;
	int r = standard ? 0 : input_file_open(&file, path, why);

	if (standard)
		path = "standard input";
	*name = path;
	if (r) {
		why_add(why, "%s: ", path);
		return r;
	}
	while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0 && out->len <= FILE_MAX)
		buffer_put(out, chunk, n);
	if (ferror(file))
		r = why_set(why, EIO, "%s: cannot be read", path);
	else if (out->len > FILE_MAX)
		r = why_set(why, EFBIG, "%s: longer than 1 MiB", path);
	else if (out->failed)
		r = why_set(why, ENOMEM, "out of memory");
	if (!standard)
		fclose(file);
	return r;
}

static error_t parse_data(struct probe_input *input, const char *arg, struct argp_state *state)
{
	const char *name;
	struct why why;
	int r = *arg == '@' ? probe_file(arg + 1, &name, &input->data, &why)
			    : spell_data("--data", arg, &input->data, &why);

	return probe_told(state, r, &why);
}

static error_t parse_flag(int key, char *arg, struct argp_state *state)
{
	struct probe_input *input = state->input;
	struct why why;
	unsigned flags;

	switch (key) {
	case 'S':
		return flag(input, SYN);
	case 'A':
		return flag(input, ACK);
	case 'F':
		return flag(input, FIN);
	case 'R':
		return flag(input, RST);
	case 'P':
		return flag(input, PSH);
	case 'U':
		return flag(input, URG);
	case 'E':
		return flag(input, ECE);
	case 'C':
		return flag(input, CWR);
	case KEY_FLAGS:
		if (spell_flags("--flags", arg, &flags, &why))
			return probe_told(state, -EINVAL, &why);
		return flag(input, flags);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_tcp(int key, char *arg, struct argp_state *state)
{
	struct probe_input *input = state->input;
	struct segment *t = &input->crafted.tcp;
	struct why why;
	size_t n;

	switch (key) {
	case KEY_SEQ:
		return number(state, "--seq", arg, UINT32_MAX, &t->raw_seq, &t->seq);
	case KEY_ACK:
		return number(state, "--ack", arg, UINT32_MAX, &t->raw_ack, &t->ack);
	case KEY_WINDOW:
		return number(state, "--window", arg, UINT16_MAX, &t->window, NULL);
	case KEY_URGENT:
		return number(state, "--urgent", arg, UINT16_MAX, &t->urgent, NULL);
	case KEY_DATA_OFFSET:
		return number(state, "--data-offset", arg, 15, &t->data_offset, NULL);
	case KEY_RESERVED:
		return number(state, "--reserved", arg, 7, &t->reserved, NULL);
	case KEY_CHECKSUM:
		return number(state, "--checksum", arg, UINT16_MAX, &t->checksum, NULL);
	case KEY_BAD_CHECKSUM:
		t->lies |= LIE_BAD_CHECKSUM;
		return 0;
	case KEY_OPTION:
		if (spell_options("--option", arg, t->options, &n, &why))
			return probe_told(state, -EINVAL, &why);
		t->lies = n ? t->lies & ~(unsigned)LIE_NO_OPTIONS : t->lies | LIE_NO_OPTIONS;
		return 0;
	case KEY_DATA:
		return parse_data(input, arg, state);
	default:
		return parse_flag(key, arg, state);
	}
}

error_t probe_field(int key, char *arg, struct argp_state *state)
{
	struct probe_input *input = state->input;
	struct crafted *crafted = &input->crafted;
	struct why why;
	uint32_t value = 0;
	error_t error;

	switch (key) {
	case KEY_TTL:
		return number(state, "--ttl", arg, UINT8_MAX, &crafted->tcp.ttl, NULL);
	case KEY_TOS:
		return number(state, "--tos", arg, UINT8_MAX, &crafted->tcp.tos, NULL);
	case KEY_DF:
	case KEY_NO_DF:
		crafted->set_fragmentable = true;
		crafted->fragmentable = key == KEY_NO_DF;
		return 0;
	case KEY_ID:
		error = probe_number(state, "--id", arg, UINT16_MAX, &value);
		crafted->id = (uint16_t)value;
		crafted->set_id = true;
		return error;
	case KEY_FLOW_LABEL:
		return probe_number(state, "--flow-label", arg, 0xfffff, &crafted->flow_label);
	case KEY_FRAGMENT:
		error = probe_number(state, "--fragment", arg, 65528, &value);
		if (!error && (!value || value % 8))
			return options_refuse(state, "--fragment '%s': want a multiple of 8", arg);
		crafted->fragment = (uint16_t)value;
		return error;
	case KEY_IP_OPTION:
		return probe_told(state, spell_options("--ip-option", arg, crafted->ip_options,
						 &crafted->ip_option_count, &why), &why);
	case KEY_IP_LENGTH:
		error = probe_number(state, "--ip-length", arg, UINT16_MAX, &value);
		crafted->ip_length = (uint16_t)value;
		crafted->set_ip_length = true;
		return error;
	case KEY_BAD_IP_CHECKSUM:
		crafted->bad_ip_checksum = true;
		return 0;
	default:
		return parse_tcp(key, arg, state);
	}
}
