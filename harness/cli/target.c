#include "cli/target.h"
#include "target/target.h"
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define RATE_DEFAULT 1000
#define RATE_MAX 1000000
/* A phantom has all ports for itself. */
#define PORT_LOW 1024
#define PORT_HIGH 65535
/* Of a borrowed address: outside of the usual ephemeral ports where there is room. */
#define BORROWED_LOW 10000
#define BORROWED_TRIES 8

static error_t port_take(uint16_t *out, const char *name, const char *arg,
			 struct argp_state *state)
{
	unsigned long long n;

	if (!number_parse(arg, 10, 1, 65535, &n))
		return options_refuse(state, "--%s %s: want a number from 1 to 65535", name,
				      shown(arg));
	*out = (uint16_t)n;
	return 0;
}

/* A kind that can be declared; LAB_UNKNOWN for any other word, and for none. */
static enum lab_service service_of(const char *word)
{
	for (int i = 0; word && i < LAB_OTHER; i++)
		if (!strcmp(word, lab_service_name((enum lab_service)i)))
			return (enum lab_service)i;
	return LAB_UNKNOWN;
}

static error_t service_take(struct target_options *options, const char *arg,
			    struct argp_state *state)
{
	if (service_of(arg) == LAB_UNKNOWN)
		return options_refuse(state,
				      "--service %s: want echo, discard, greet, http or silent",
				      shown(arg));
	options->service = arg;
	return 0;
}

static error_t rate_take(struct target_options *options, const char *arg,
			 struct argp_state *state)
{
	unsigned long long n;

	if (!number_parse(arg, 10, 1, RATE_MAX, &n))
		return options_refuse(state, "--rate %s: want a number from 1 to %d", shown(arg),
				      RATE_MAX);
	options->rate = (unsigned)n;
	return 0;
}

static error_t agent_take(struct target_options *options, const char *arg,
			  struct argp_state *state)
{
	struct why why;

	if (agent_address_parse(arg, &options->agent_at, &why))
		return options_refuse(state, "--agent %s", why.text);
	if (!options->agent_at.port)
		return options_refuse(state, "--agent %s: want the port that it listens on", arg);
	options->agent = arg;
	return 0;
}

/*
 * An address or a name. Brackets around an IPv6 address are taken off. A port belongs to --port; it
 * is what stands after the only colon, or after a bracket.
 */
static error_t host_take(struct target_options *options, char *arg, struct argp_state *state)
{
	char *colon = strchr(arg, ':'), *bracket = strchr(arg, ']');
	const char *port = NULL;

	if (!*arg)
		return options_refuse(state, "--target '': want a host's address or name");
	if (*arg == '[' && bracket && bracket[1] == ':')
		port = bracket + 2;
	else if (*arg != '[' && colon && !strchr(colon + 1, ':'))
		port = colon + 1;
	if (port)
		return options_refuse(state, "--target %s: want the address alone, and its port as "
				      "--port %s", arg, *port ? port : "N");
	if (*arg == '[') {
		if (!bracket || bracket[1])
			return options_refuse(state, "--target %s: its bracket is not closed; want "
					      "the address alone", arg);
		*bracket = '\0';
		arg++;
	}
	options->target = arg;
	return 0;
}

static void first_note(struct target_options *options, int key)
{
	static const char *const names[] = {
		[KEY_PORT - KEY_TARGET] = "port",
		[KEY_CLOSED_PORT - KEY_TARGET] = "closed-port",
		[KEY_SERVICE - KEY_TARGET] = "service",
		[KEY_INTERFACE - KEY_TARGET] = "interface",
		[KEY_SOURCE - KEY_TARGET] = "source",
		[KEY_RATE - KEY_TARGET] = "rate",
		[KEY_INTRUSIVE - KEY_TARGET] = "intrusive",
		[KEY_AGENT - KEY_TARGET] = "agent",
		[KEY_TOKEN - KEY_TARGET] = "token",
		[KEY_PATH - KEY_TARGET] = "path",
		[KEY_NO_FILTER - KEY_TARGET] = "no-filter",
	};

	if (!options->first && key > KEY_TARGET && key <= KEY_NO_FILTER)
		options->first = names[key - KEY_TARGET];
}

error_t target_take(struct target_options *options, int key, char *arg, struct argp_state *state)
{
	first_note(options, key);
	switch (key) {
	case KEY_TARGET:
		return host_take(options, arg, state);
	case KEY_PORT:
		return port_take(&options->port, "port", arg, state);
	case KEY_CLOSED_PORT:
		return port_take(&options->closed_port, "closed-port", arg, state);
	case KEY_SERVICE:
		return service_take(options, arg, state);
	case KEY_INTERFACE:
		options->interface = arg;
		return *arg ? 0 : options_refuse(state, "--interface '': want an interface's name");
	case KEY_SOURCE:
		options->source = arg;
		return *arg ? 0 : options_refuse(state, "--source '': want an address, or own");
	case KEY_RATE:
		return rate_take(options, arg, state);
	case KEY_PATH:
		options->direct = !strcmp(arg, "direct");
		return options->direct ? 0 : options_refuse(state, "--path %s: want direct",
							    shown(arg));
	case KEY_NO_FILTER:
		options->no_filter = true;
		return 0;
	case KEY_INTRUSIVE:
		options->intrusive = true;
		return 0;
	case KEY_AGENT:
		return agent_take(options, arg, state);
	case KEY_TOKEN:
		options->token = arg;
		return *arg ? 0 : options_refuse(state, "--token '': want a file's name");
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void number_add(struct buffer *command, const char *name, unsigned n)
{
	if (n)
		buffer_printf(command, " --%s %u", name, n);
}

void target_command(const struct target_options *options, struct buffer *command)
{
	if (!options->target)
		return;
	command_option(command, "target", options->target);
	number_add(command, "port", options->port);
	number_add(command, "closed-port", options->closed_port);
	if (options->service)
		command_option(command, "service", options->service);
	if (options->interface)
		command_option(command, "interface", options->interface);
	if (options->source)
		command_option(command, "source", options->source);
	if (options->agent)
		command_option(command, "agent", options->agent);
	if (options->token)
		command_option(command, "token", options->token);
	number_add(command, "rate", options->rate);
	if (options->intrusive)
		buffer_text(command, " --intrusive");
	if (options->direct)
		buffer_text(command, " --path direct");
	if (options->no_filter)
		buffer_text(command, " --no-filter");
}

/* The ports of a borrowed address: a place for all, by chance. */
static int borrow(struct target_way *way, size_t cases, struct why *why)
{
	unsigned ports = (unsigned)RUN_PORTS(cases), room = PORT_HIGH - BORROWED_LOW + 1, chance;
	int r = -EADDRINUSE;

	if (ports > room)
		return why_set(why, EINVAL,
			       "--source own: %zu cases need more ports than there are; select "
			       "fewer", cases);
	for (int i = 0; i < BORROWED_TRIES && r == -EADDRINUSE; i++) {
		if (getrandom(&chance, sizeof(chance), 0) != (ssize_t)sizeof(chance))
			return why_set(why, EIO, "no random numbers");
		way->link.port_low = (uint16_t)(BORROWED_LOW + chance % (room - ports + 1));
		way->link.port_high = (uint16_t)(way->link.port_low + ports - 1);
		r = link_keep(&way->keeper, &way->link, why);
	}
	return r;
}

/* The MSS that fits the link's MTU (RFC 6691 2). */
static int mss_fits(const struct link *link)
{
	return link->mtu - (link->target.family == 4 ? 40 : 60);
}

/* What a SYN offered and the answer does not; nobody can tell from here whose wish that is. */
static void lacks_tell(const struct link *link, const struct path_facts *path)
{
	static const uint8_t kinds[] = {OPTION_MSS, OPTION_SACK_PERMITTED, OPTION_TIMESTAMPS,
					OPTION_WSCALE};
	const int fits = mss_fits(link);
	const char *sep = "";
	char name[OPTION_NAME_MAX];
	struct buffer words = {.at = NULL};

	for (size_t i = 0; i < sizeof(kinds); i++) {
		if (path->kinds & WITHOUT(kinds[i]))
			continue;
		buffer_printf(&words, "%sno %s", sep, option_name(kinds[i], name));
		sep = ", ";
	}
	if (path->kinds & WITHOUT(OPTION_MSS) && path->mss < fits)
		buffer_printf(&words, "%smss %u, where %d fits", sep, path->mss, fits);
	if (words.len)
		log_warn("its SYN-ACK has %s: the host does not offer more, or a device on the "
			 "path removes it", words.at);
	buffer_free(&words);
}

/* What a run is about, for who started it: the peer's address is one that was chosen. */
static void way_tell(const struct target_way *way, const struct path_facts *path, bool found_out)
{
	char target[ADDRESS_TEXT_MAX], source[ADDRESS_TEXT_MAX], next[ADDRESS_TEXT_MAX];
	char agent[AGENT_ADDRESS_TEXT_MAX];
	const struct link *link = &way->link;
	struct buffer line = {.at = NULL};

	buffer_printf(&line, "%s by '%s'%s%s, as %s%s",
		      address_text(&link->target, target), link->interface,
		      link->routed ? " and gateway " : "",
		      link->routed ? address_text(&link->next, next) : "",
		      address_text(&link->source, source),
		      link->borrowed ? " (this machine's own)" : "");
	if (way->agent)
		buffer_printf(&line, "; agent at %s%s", agent_address_text(&way->agent_at, agent),
			      way->run.sysctls ? ", which may set sysctls" : "");
	buffer_text(&line, "; ");
	path_text(&line, path);
	if (found_out)
		buffer_printf(&line, "; the service on port %u was found to be %s",
			      way->run.lab.port, lab_service_name(path->service));
	log_warn("%s", line.failed ? "no memory" : line.at);
	buffer_free(&line);
	if (way->run.lab.port)
		lacks_tell(link, path);
	if (link->merges)
		log_warn("'%s' may merge the segments that it receives, so that cases see one "
			 "instead of several: ethtool -K %s gro off lro off", link->interface,
			 link->interface);
}

static int way_find(struct target_way *way, const struct target_options *options, unsigned over,
		    size_t cases, struct why *why)
{
	const struct link_wish wish = {.target = options->target,
				       .family = over == IPV4 ? 4 : over == IPV6 ? 6 : 0,
				       .interface = options->interface,
				       .source = options->source,
				       .port_low = PORT_LOW,
				       .port_high = PORT_HIGH};
	int r = link_find(&way->link, &wish, why);

	if (r)
		return r;
	if (way->link.borrowed)
		return borrow(way, cases, why);
	return link_keep(&way->keeper, &way->link, why);
}

int target_reach(struct target_way *way, const struct target_options *options,
		 struct run_options *run, size_t cases, struct why *why)
{
	struct path_facts path = {.sent = 0};
	char words[ADDRESS_TEXT_MAX];
	int r;

	r = target_token_read(way, options, why);
	if (!r)
		r = way_find(way, options, run->over, cases, why);
	if (r)
		return r;
	link_set_rate(way->keeper, options->rate ? options->rate : RATE_DEFAULT);
	address_text(&way->link.target, words);
	if (options->agent)
		snprintf(way->label, sizeof(way->label), "%s with an agent", words);
	else
		snprintf(way->label, sizeof(way->label), "%s port %u", words, options->port);
	way->run = (struct run_target){.label = way->label,
				       .port_low = way->link.port_low,
				       .port_high = way->link.port_high,
				       .rate = options->rate ? options->rate : RATE_DEFAULT,
				       .slow_way = "the time of a host cannot be skipped",
				       .intrusive = options->intrusive};
	way->run.lab = (struct lab_target){.link = &way->link,
					   .keeper = way->keeper,
					   .port = options->port,
					   .closed_port = options->closed_port,
					   .service = service_of(options->service),
					   .direct = options->direct};
	if (options->agent) {
		r = target_agent_reach(way, options, why);
		if (r)
			return r;
	}
	run_target_check_ports(&way->run.lab, way->run.port_low, way->run.port_high);
	r = path_measure(&path, &way->run.lab, why);
	if (r)
		return r;
	way_tell(way, &path, options->port && !options->service);
	way->run.lab.rtt = path.rtt_worst;
	way->run.timestamps = path.kinds & WITHOUT(OPTION_TIMESTAMPS);
	way->run.scale = path.kinds & WITHOUT(OPTION_WSCALE);
	way->run.lab.rtt_least = path.rtt_least;
	way->run.lab.service = path.service;
	way->run.lab.cookies = path.cookies;
	way->run.lab.behind = path.kind == PATH_ROUTED && !way->link.routed;
	way->run.filter = (path.filter || path.translates) && !options->no_filter;
	way->run.filter_acks = path.filter_acks && !options->no_filter;
	way->run.clamp = path.kind == PATH_ROUTED && path.kinds & WITHOUT(OPTION_MSS) &&
			 path.mss < mss_fits(&way->link);
	if (options->no_filter)
		path.filter = path.rejects = path.translates = false;
	way->run.path = path;
	run->over = way->link.target.family == 4 ? IPV4 : IPV6;
	run->target = &way->run;
	return 0;
}

void target_leave(struct target_way *way)
{
	agent_free(way->agent);
	explicit_bzero(&way->token, sizeof(way->token));
	way->agent = NULL;
	link_keeper_free(way->keeper);
	way->keeper = NULL;
}
