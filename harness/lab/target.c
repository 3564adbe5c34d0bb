/*
 * A lab whose DUT is a host somewhere: nothing is made but a wire on a real interface.
 */
#include "lab/inside.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RING_BYTES_ALONE (16 << 20)

/*
 * What concerns this case: its own ports, and errors about segments that came from them or went
 * there. A quoted datagram's ports stand behind 20 bytes of IPv4, or 40 of IPv6.
 */
static void filter_text(const struct lab_target *target, char *out, size_t size)
{
	char peer[ADDRESS_TEXT_MAX], dut[ADDRESS_TEXT_MAX];
	bool v4 = target->link->target.family == 4;
	const char *from = v4 ? "icmp[28:2]" : "ip6[88:2]";
	const char *to = v4 ? "icmp[30:2]" : "ip6[90:2]";
	const char *kind = v4 ? "icmp[0] != 8 and icmp[0] != 0" : "icmp6 and ip6[40] < 128";
	unsigned low = target->port_low, high = target->port_high;

	address_text(&target->link->source, peer);
	address_text(&target->link->target, dut);
	/* An error may come from anywhere, and a segment may be too short to have ports. */
	if (target->everything) {
		snprintf(out, size, "host %s and (host %s or icmp or icmp6)", peer, dut);
		return;
	}
	snprintf(out, size,
		 "host %s and ((host %s and tcp and ((src host %s and tcp src portrange %u-%u) or "
		 "(dst host %s and tcp dst portrange %u-%u))) or (%s and ((%s >= %u and %s <= %u) "
		 "or (src host %s and %s >= %u and %s <= %u))))",
		 peer, dut, peer, low, high, peer, low, high, kind, from, low, from, high, peer,
		 to, low, to, high);
}

/* Where frames may be long, few fit into the ring. An attempt that goes on alone may have more. */
static int ring_bytes(const struct lab *lab)
{
	const struct lab_target *target = lab->config.target;
	const int bytes = lab_ring_bytes(&lab->config);

	if (target->sure)
		return bytes;
	return target->again ? RING_BYTES_ALONE : 2 * bytes;
}

int target_open(struct lab *lab, struct why *why)
{
	const struct lab_target *target = lab->config.target;
	const struct link *link = target->link;
	char filter[640];
	struct wire_config config = {
		.interface = link->interface,
		.mac = link->own_mac,
		.filter = filter,
		.buffer_bytes = ring_bytes(lab),
		.long_frames = !target->sure,
		.capture_path = lab->config.capture_path,
		.brief = lab->config.brief,
	};

	lab->net = (struct lab_net){.family = link->target.family,
				    .peer_address = link->source,
				    .dut_address = link->target,
				    .peer_mac = link->own_mac,
				    .dut_mac = link->next_mac,
				    .peer_interface = link->interface,
				    .dut_netns = -1};
	lab->agent = target->agent;
	filter_text(target, filter, sizeof(filter));
	return wire_open(&lab->wire, &config, why);
}

nanos lab_way(const struct lab *lab)
{
	return lab->config.target ? lab->config.target->rtt : 0;
}

static nanos path_turn(void *arg)
{
	const struct lab *lab = arg;

	return link_turn(lab->config.target->keeper);
}

static void path_noted(void *arg, uint16_t port, uint16_t dut_port, bool open, uint32_t next,
		       uint32_t acked)
{
	const struct lab *lab = arg;

	if (open)
		link_note(lab->config.target->keeper, port, dut_port, next, acked);
	else
		link_note_closed(lab->config.target->keeper, port);
}

static void path_error(void *arg, const struct packet *packet)
{
	const struct lab *lab = arg;

	if (lab->error)
		lab->error(lab->error_arg, packet);
}

void lab_hear_errors(struct lab *lab, void (*error)(void *arg, const struct packet *packet),
		     void *arg)
{
	lab->error = error;
	lab->error_arg = arg;
}

nanos path_jitter(const struct lab *lab)
{
	const struct lab_target *target = lab->config.target;

	return target ? target->rtt - target->rtt_least : 0;
}

/* The DUT's process is a descendant of this one. */
static nanos path_kept_waiting(void *arg, bool *now)
{
	struct cpu_use use = cpu_use_of_descendants(getpid());

	(void)arg;
	*now = use.runnable;
	return use.waited;
}

struct exchange_path target_path(struct lab *lab)
{
	const struct lab_target *target = lab->config.target;
	struct exchange_path path = {.arg = lab, .rtt = target->rtt, .rtt_least = target->rtt_least,
				      .error = path_error};

	/* What the agent tells is as good as its clock is known here. */
	if (lab->agent)
		path.rtt += agent_clock_error(lab->agent);

	if (target->keeper) {
		path.turn = path_turn;
		path.noted = path_noted;
	}
	if (!target->sure)
		path.mtu = target->link->mtu > 0 ? (unsigned)target->link->mtu : 0;
	path.routed = (target->link->routed || target->behind) && !target->direct;
	if (target->started)
		path.kept_waiting = path_kept_waiting;
	return path;
}
