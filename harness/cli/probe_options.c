/*
 * The command line of probe.
 */
#include "cli/probe.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT_MAX 1000000u

static const struct argp_option table[] = {
	{NULL, 0, NULL, 0, "The segment (default: a SYN)", 1},
	{"syn", 'S', NULL, 0, "set SYN", 1},
	{"ack-flag", 'A', NULL, 0, "set ACK", 1},
	{"fin", 'F', NULL, 0, "set FIN", 1},
	{"rst", 'R', NULL, 0, "set RST", 1},
	{"psh", 'P', NULL, 0, "set PSH", 1},
	{"urg", 'U', NULL, 0, "set URG", 1},
	{"ece", 'E', NULL, 0, "set ECE", 1},
	{"cwr", 'C', NULL, 0, "set CWR", 1},
	{"flags", KEY_FLAGS, "FLAGS", 0, "S. or SA or syn,ack or 0x12 or none", 1},
	{"seq", KEY_SEQ, "N", 0, "sequence number; +N counts from the first one of ours", 1},
	{"ack", KEY_ACK, "N", 0, "acknowledgement; +N counts from the first one of theirs", 1},
	{"window", KEY_WINDOW, "N", 0, "window (65535)", 1},
	{"urgent", KEY_URGENT, "N", 0, "urgent pointer", 1},
	{"option", KEY_OPTION, "LIST", 0,
	 "'mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7', KIND:HEX, KIND/LENGTH:HEX", 1},
	{"data", KEY_DATA, "TEXT", 0, "payload: TEXT with C's escapes, @FILE or hex:DIGITS", 1},
	{"data-offset", KEY_DATA_OFFSET, "N", 0, "header's length in words", 1},
	{"reserved", KEY_RESERVED, "N", 0, "the three reserved bits", 1},
	{"checksum", KEY_CHECKSUM, "N", 0, "this checksum", 1},
	{"bad-checksum", KEY_BAD_CHECKSUM, NULL, 0, "a wrong one", 1},
	{NULL, 0, NULL, 0, "IP below it", 2},
	{"ttl", KEY_TTL, "N", 0, "time to live, or hop limit (64)", 2},
	{"tos", KEY_TOS, "N", 0, "type of service, or traffic class", 2},
	{"df", KEY_DF, NULL, 0, "don't fragment (set unless --fragment)", 2},
	{"no-df", KEY_NO_DF, NULL, 0, "may be fragmented", 2},
	{"id", KEY_ID, "N", 0, "IPv4 identification", 2},
	{"flow-label", KEY_FLOW_LABEL, "N", 0, "IPv6 flow label", 2},
	{"fragment", KEY_FRAGMENT, "N", 0, "in fragments of N bytes, a multiple of 8", 2},
	{"ip-option", KEY_IP_OPTION, "LIST", 0,
	 "KIND:HEX, an option of IPv4 or in an IPv6 destination options header", 2},
	{"ip-length", KEY_IP_LENGTH, "N", 0, "this length field", 2},
	{"bad-ip-checksum", KEY_BAD_IP_CHECKSUM, NULL, 0, "a wrong IPv4 header checksum", 2},
	{NULL, 0, NULL, 0, "When, and what for", 3},
	{"count", 'c', "N", 0, "so many probes (1)", 3},
	{"interval", 'i', "TIME", 0, "from one to the next (1s)", 3},
	{"timeout", 'W', "TIME", 0, "wait so long for a reply (1s)", 3},
	{"listen", KEY_LISTEN, "TIME", 0, "go on listening so long; what was opened is reset then",
	 3},
	{"expect", KEY_EXPECT, "REPLY", 0,
	 "judge the reply: 'SA within 100ms', 'SA about 1s', 'R|RA', silence, 'icmp 3/1'", 3},
	{"handshake", KEY_HANDSHAKE, NULL, 0,
	 "open a connection first; alone: say whether it can be established", 3},
	{"play", KEY_PLAY, "STEPS", 0,
	 "a conversation: 'S; < SA; A; F; < FA|A', or @FILE (@-: standard input)", 3},
	{"leave", KEY_LEAVE, NULL, 0, "do not reset what was opened", 3},
	{NULL, 0, NULL, 0, "Where", 4},
	{"lab", KEY_LAB, "PORT", 0, "this machine's kernel in namespaces, listening on PORT", 4},
	{"sysctl", KEY_SYSCTL, "NAME=VALUE", 0, "set it there; may be repeated", 4},
	{"source", KEY_SOURCE, "ADDR", 0,
	 "from this address, or own: this machine's (a free one of the subnet)", 4},
	{"interface", 'I', "IF", 0, "by this interface (the route's)", 4},
	{"source-port", 's', "PORT", 0, "from this port, not a fresh one each time", 4},
	{"ipv4", '4', NULL, 0, "over IPv4", 4},
	{"ipv6", '6', NULL, 0, "over IPv6", 4},
	{NULL, 0, NULL, 0, "Output", 5},
	{"quiet", 'q', NULL, 0, "what replies mean, and no segments", 5},
	{"verbose", 'v', NULL, 0, "also what is no reply, and our own RSTs", 5},
	{"absolute", KEY_ABSOLUTE, NULL, 0, "numbers as on the wire", 5},
	{"json", KEY_JSON, NULL, 0, "an object a line", 5},
	{"write", 'w', "FILE", 0,
	 "keep what was sent and heard (pcap); - is standard output, and the text goes to standard "
	 "error then", 5},
	{"seed", KEY_SEED, "N", 0, "of fresh ports and numbers", 5},
	OPTIONS_OF_ALL,
	{NULL, 0, NULL, 0, NULL, 0},
};

static error_t parse_play(struct probe_input *input, const char *arg, struct argp_state *state)
{
	const char *name = "--play";
	struct why why;
	int r = 0;

	input->play_text = arg;
	if (*arg == '@') {
		r = probe_file(arg + 1, &name, &input->play_file, &why);
		input->play_text = input->play_file.at ? input->play_file.at : "";
		if (!r && strlen(input->play_text) != input->play_file.len)
			r = why_set(&why, EINVAL, "%s: holds a zero byte", name);
	}
	play_free(&input->play);
	if (!r)
		r = play_parse(name, input->play_text, &input->play, &why);
	return probe_told(state, r, &why);
}

static error_t parse_sysctl(struct probe_input *input, char *arg, struct argp_state *state)
{
	const size_t max = sizeof(input->sysctls) / sizeof(input->sysctls[0]) - 1;
	if (input->sysctl_count == max)
		return options_refuse(state, "--sysctl: at most %zu of them", max);
	return options_sysctl(state, arg, &input->sysctls[input->sysctl_count++]);
}

static error_t duration(struct argp_state *state, const char *what, const char *arg, nanos *out)
{
	struct why why;

	return probe_told(state, spell_duration(what, arg, out, &why), &why);
}

static error_t port(struct argp_state *state, const char *what, const char *arg,
		    uint16_t *out)
{
	uint32_t value = 0;
	error_t error = probe_number(state, what, arg, UINT16_MAX, &value);

	if (!error && !value)
		return options_refuse(state, "%s '%s': no port is 0", what, arg);
	*out = (uint16_t)value;
	return error;
}

static error_t parse_when(int key, char *arg, struct argp_state *state)
{
	struct probe_input *input = state->input;
	struct why why;
	uint32_t value = 0;
	error_t error;

	switch (key) {
	case 'c':
		error = probe_number(state, "-c", arg, COUNT_MAX, &value);
		if (!error && !value)
			return options_refuse(state, "-c '%s': want one probe at least", arg);
		input->count = value;
		return error;
	case 'i':
		input->interval_set = true;
		return duration(state, "-i", arg, &input->interval);
	case 'W':
		return duration(state, "-W", arg, &input->timeout);
	case KEY_LISTEN:
		return duration(state, "--listen", arg, &input->listen);
	case KEY_EXPECT:
		input->has_expect = true;
		return probe_told(
			state, spell_expectation("--expect", arg, &input->expect, &why), &why);
	case KEY_PLAY:
		return parse_play(input, arg, state);
	case KEY_HANDSHAKE:
		input->handshake = true;
		return 0;
	case KEY_LEAVE:
		input->leave = true;
		return 0;
	case KEY_LAB:
		return port(state, "--lab", arg, &input->lab_port);
	case KEY_SYSCTL:
		return parse_sysctl(input, arg, state);
	case KEY_SOURCE:
		input->source = arg;
		return *arg ? 0 : options_refuse(state, "--source: want an address, or own");
	case 'I':
		input->interface = arg;
		return *arg ? 0 : options_refuse(state, "-I: want an interface's name");
	case 's':
		return port(state, "-s", arg, &input->source_port);
	default:
		error = probe_field(key, arg, state);
		input->segment_set |= error != ARGP_ERR_UNKNOWN;
		return error;
	}
}

static error_t parse_seed(struct probe_input *input, const char *arg, struct argp_state *state)
{
	char *end;

	errno = 0;
	input->seed = strtoull(arg, &end, 0);
	if (errno || *end || end == arg || *arg == '-')
		return options_refuse(state, "--seed '%s': want a number below 2^64", arg);
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct probe_input *input = state->input;
	struct why why;
	error_t error;

	switch (key) {
	case '4':
	case '6':
		if (input->family && input->family != key - '0')
			return options_refuse(state, "-4 and -6 exclude each other");
		input->family = (uint8_t)(key - '0');
		return 0;
	case 'q':
		input->quiet = true;
		return 0;
	case 'v':
		input->verbose = true;
		return 0;
	case KEY_ABSOLUTE:
		input->absolute = true;
		return 0;
	case KEY_JSON:
		input->json = true;
		return 0;
	case 'w':
		input->capture = arg;
		return 0;
	case KEY_SEED:
		return parse_seed(input, arg, state);
	case ARGP_KEY_ARG:
		if (input->target_text)
			return options_refuse(state, "one target at a time, not also '%s'", arg);
		input->target_text = arg;
		return probe_told(state, spell_target("target", arg, &input->target, &why), &why);
	default:
		break;
	}
	error = parse_when(key, arg, state);
	return error == ARGP_ERR_UNKNOWN ? options_other(key, arg, state) : error;
}

static const struct argp argp = {
	.options = table,
	.parser = parse,
	.args_doc = "HOST:PORT | --lab PORT [:PORT]",
	.doc = "Send one crafted segment, and say what came back. HOST:PORT, [V6]:PORT or a name."
	       "\vExit status: 0 the expected reply (without --expect: any that is no ICMP error); "
	       "1 another; 2 silence; 3 wrong usage; 4 the probe could not be made. Of several "
	       "probes 1 goes before 2, and 2 before 0.",
};

/* What excludes what. NULL: nothing. */
static const char *conflict(const struct probe_input *input)
{
	const struct segment *t = &input->crafted.tcp;

	if (!input->target_text && !input->lab_port)
		return "which target? HOST:PORT, or --lab PORT";
	if (input->lab_port && *input->target.host)
		return "--lab makes its own host: the target is :PORT, or is left out";
	if (!input->lab_port && !*input->target.host)
		return "the target wants a host before its port";
	if (input->lab_port && (input->source || input->interface))
		return "--source and -I are for a host: --lab has its own";
	if (input->sysctl_count && !input->lab_port)
		return "--sysctl is for --lab: no other kernel's are changed";
	if (input->interval < ms(1) && input->count > 1 && !input->lab_port)
		return "-i below 1ms is for --lab: at most 1,000 probes a second";
	if (input->play.count && (input->segment_set || input->has_expect || input->handshake ||
				  input->count > 1 || input->listen))
		return "--play names its own segments: no flags or fields, --expect, --handshake, "
		       "-c, --listen";
	if ((t->seq.kind || t->ack.kind) && !input->handshake)
		return "+N counts from a handshake: add --handshake, or leave the + out";
	if (input->handshake && input->count > 1)
		return "--handshake is for one probe: -c 1";
	if (input->quiet && input->verbose)
		return "-q and -v exclude each other";
	if (input->capture && !strcmp(input->capture, "-") && isatty(STDOUT_FILENO))
		return "-w -: standard output is a terminal; redirect it to a file or a pipe";
	return NULL;
}

bool probe_options(struct probe_input *input, int argc, char **argv, int *status)
{
	const char *wrong;

	input->count = 1;
	input->interval = input->timeout = sec(1);
	input->seed = (uint64_t)clock_realtime() ^ (uint64_t)clock_monotonic() << 20;
	if (!options_parse(&input->parsing, &argp, argc, argv, status))
		return false;
	wrong = conflict(input);
	if (wrong) {
		*status = complain(EXIT_USAGE, "%s", wrong);
		return false;
	}
	if (!input->flags_set)
		input->crafted.tcp.flags = input->handshake ? ACK : SYN;
	input->crafted.tcp.data = (struct bytes){input->data.at, input->data.len};
	if (!input->target.port)
		input->target.port = input->lab_port;
	if (input->has_expect && input->expect.within > input->timeout)
		input->timeout = input->expect.within;
	if (input->has_expect && input->expect.silence && input->expect.within)
		input->timeout = input->expect.within;
	return true;
}

void probe_input_free(struct probe_input *input)
{
	buffer_free(&input->data);
	buffer_free(&input->play_file);
	play_free(&input->play);
}
