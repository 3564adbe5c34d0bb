/*
 * The real wire: libpcap hears, libnet sends. Two sockets, because a packet socket never hears what
 * it sent itself.
 */
#include "wire/inside.h"
#include <errno.h>
#include <linux/filter.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * What is captured of a frame. Two of the long ones, with the kernel's header before each, fit into
 * a block of libpcap's ring; the longest that usual segments are merged into are shorter.
 */
enum { ETHERNET_BYTES = 14, SNAPLEN_MIN = 2048, SNAPLEN_LONG = 65280, BUFFER_BYTES = 1 << 20 };

/* The MTU of an interface that exists and is up. */
static int interface_mtu(const char *name, int *mtu, struct why *why)
{
	struct ifreq request = {0};
	int fd, r = 0;

	if (strlen(name) == 0 || strlen(name) >= sizeof(request.ifr_name))
		return why_set(why, ENODEV, "no interface '%s'", name);
	memcpy(request.ifr_name, name, strlen(name));
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return why_set(why, errno, "cannot open a socket: %s", strerror(errno));
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0) {
		r = errno == ENODEV
			    ? why_set(why, ENODEV, "no interface '%s'", name)
			    : why_set(why, errno, "interface '%s': %s", name, strerror(errno));
		goto out;
	}
	if (!(request.ifr_flags & IFF_UP)) {
		r = why_set(why, ENETDOWN, "interface '%s' is down", name);
		goto out;
	}
	if (ioctl(fd, SIOCGIFMTU, &request) < 0) {
		r = why_set(why, errno, "MTU of '%s': %s", name, strerror(errno));
		goto out;
	}
	*mtu = request.ifr_mtu;
out:
	close(fd);
	return r;
}

static int pcap_errno(int code)
{
	switch (code) {
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return EPERM;
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return ENODEV;
	case PCAP_ERROR_IFACE_NOT_UP:
		return ENETDOWN;
	default:
		return EIO;
	}
}

/* libpcap wants its settings in this order, before activation. */
static int pcap_start(pcap_t *pcap, const struct wire_config *config, int mtu, struct why *why)
{
	const int usual = mtu + 64 > SNAPLEN_MIN ? mtu + 64 : SNAPLEN_MIN;
	const int snaplen = config->long_frames && SNAPLEN_LONG > usual ? SNAPLEN_LONG : usual;
	int r;

	pcap_set_snaplen(pcap, snaplen);
	pcap_set_promisc(pcap, 0);
	pcap_set_immediate_mode(pcap, 1);
	pcap_set_buffer_size(pcap, config->buffer_bytes > 0 ? config->buffer_bytes : BUFFER_BYTES);
	if (pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO) != 0)
		return why_set(why, ENOTSUP, "no nanosecond timestamps on '%s'", config->interface);
	r = pcap_activate(pcap); /* above 0 is a warning */
	if (r < 0) {
		const char *text = pcap_geterr(pcap);

		return why_set(why, pcap_errno(r), "cannot capture on '%s': %s%s%s",
			       config->interface, pcap_statustostr(r), *text ? ": " : "", text);
	}
	if (pcap_datalink(pcap) != DLT_EN10MB)
		return why_set(why, EINVAL, "'%s' is no Ethernet interface", config->interface);
	return 0;
}

/*
 * The kernel filters from now on. pcap_setfilter() would also look at each frame of the ring, which
 * costs a page fault each, to learn how many came before: wire_next() asks the program instead.
 */
static int filter_set(struct wire *wire, const struct wire_config *config, struct why *why)
{
	const char *filter = config->filter;
	struct sock_fprog program;

	if (pcap_compile(wire->pcap, &wire->filter, filter, 1, PCAP_NETMASK_UNKNOWN) < 0)
		return why_set(why, EINVAL, "filter '%s': %s", filter, pcap_geterr(wire->pcap));
	if (wire->filter.bf_len > BPF_MAXINSNS)
		return why_set(why, EINVAL, "filter '%s' is too long", filter);
	if (config->filter_here)
		return 0;
	/* The two are the same by construction: an instruction's code, its jumps, its number. */
	program.len = (unsigned short)wire->filter.bf_len;
	program.filter = (struct sock_filter *)(void *)wire->filter.bf_insns;
	if (setsockopt(wire->tap ? wire->fd : pcap_fileno(wire->pcap), SOL_SOCKET,
		       SO_ATTACH_FILTER, &program, sizeof(program)) < 0)
		return why_set(why, errno, "filter '%s': %s", filter, strerror(errno));
	return 0;
}

static int tap_prepare(struct wire *wire, const struct wire_config *config, struct why *why)
{
	int mtu = 0, r = interface_mtu(config->interface, &mtu, why);

	if (!r)
		/* A plain socket keeps no more of a frame than there is. */
		r = tap_open(wire, config, mtu + 64 > SNAPLEN_LONG ? mtu + 64 : SNAPLEN_LONG, why);
	if (!r && config->filter)
		r = filter_set(wire, config, why);
	return r ? r : tap_start(wire, config, why);
}

/*
 * Until its filter was set, the ring took in whatever passed the interface. If it has room for few
 * frames, it may be full of these.
 */
static void ring_empty(struct wire *wire)
{
	struct pcap_stat stats;
	struct pcap_pkthdr *header;
	const u_char *bytes;

	while (pcap_next_ex(wire->pcap, &header, &bytes) > 0)
		continue;
	if (!pcap_stats(wire->pcap, &stats))
		wire->dropped_before = stats.ps_drop;
}

static int pcap_prepare(struct wire *wire, const struct wire_config *config, struct why *why)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	int mtu = 0, r;

	r = interface_mtu(config->interface, &mtu, why);
	if (r < 0)
		return r;
	wire->pcap = pcap_create(config->interface, text);
	if (!wire->pcap)
		return why_set(why, ENOMEM, "cannot capture on '%s': %s", config->interface, text);
	r = pcap_start(wire->pcap, config, mtu, why);
	if (r < 0)
		return r;
	if (config->filter) {
		r = filter_set(wire, config, why);
		if (r < 0)
			return r;
	}
	if (pcap_setnonblock(wire->pcap, 1, text) < 0)
		return why_set(why, EIO, "cannot capture on '%s': %s", config->interface, text);
	if (config->long_frames)
		ring_empty(wire);
	wire->fd = pcap_get_selectable_fd(wire->pcap);
	if (wire->fd < 0)
		return why_set(why, EIO, "the capture on '%s' cannot be waited for",
			       config->interface);
	return 0;
}

/*
 * libnet's socket is a tap on every interface, which nobody reads: unless a filter drops all, its
 * receive queue fills up with copies, be it as short as the kernel lets it be.
 */
static int libnet_prepare(struct wire *wire, const struct wire_config *config, struct why *why)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	const struct sock_fprog program = {.len = 1, .filter = &drop};
	const int least = 0;
	char text[LIBNET_ERRBUF_SIZE] = "";
	int r;

	wire->libnet = libnet_init(LIBNET_LINK_ADV, config->interface, text);
	if (!wire->libnet)
		return why_set(why, EIO, "libnet on '%s': %.*s", config->interface,
			       (int)strcspn(text, "\n"), text);
	if (config->filter_here)
		r = setsockopt(libnet_getfd(wire->libnet), SOL_SOCKET, SO_RCVBUF, &least,
			       sizeof(least));
	else
		r = setsockopt(libnet_getfd(wire->libnet), SOL_SOCKET, SO_ATTACH_FILTER, &program,
			       sizeof(program));
	return r ? why_set(why, errno, "libnet on '%s': %s", config->interface, strerror(errno))
		 : 0;
}

int wire_open(struct wire **out, const struct wire_config *config, struct why *why)
{
	struct wire *wire;
	int r;

	wire = calloc(1, sizeof(*wire));
	if (!wire)
		return why_set(why, ENOMEM, "no memory for a wire");
	wire->fd = -1;
	wire->mac = config->mac;
	r = config->brief ? tap_prepare(wire, config, why) : pcap_prepare(wire, config, why);
	if (r < 0)
		goto out;
	r = libnet_prepare(wire, config, why);
	if (r < 0)
		goto out;
	if (config->capture_path) {
		r = capture_open(&wire->capture, wire->pcap, config->capture_path, why);
		if (r < 0)
			goto out;
	}
	*out = wire;
	wire = NULL;
out:
	wire_free(wire, true);
	return r;
}

void wire_free(struct wire *wire, bool close_handles)
{
	if (!wire)
		return;
	capture_end(&wire->capture, NULL);
	if (wire->sent)
		libnet_adv_free_packet(wire->libnet, wire->sent);
	/* The double's context has no socket, so that nothing speaks against taking it down. */
	if (wire->libnet && (close_handles || wire->memory))
		libnet_destroy(wire->libnet);
	pcap_freecode(&wire->filter);
	if (wire->pcap && (close_handles || wire->tap))
		pcap_close(wire->pcap);
	tap_free(wire->tap, close_handles);
	memory_free(wire->memory);
	free(wire);
}

int wire_fd(const struct wire *wire)
{
	return wire->fd;
}

/* Frames go out whole or not at all. */
static int frame_write(struct wire *wire, const uint8_t *frame, size_t len, struct why *why)
{
	int error, n;

	if (wire->memory)
		return memory_send(wire, frame, len, why);
	errno = 0;
	n = libnet_adv_write_link(wire->libnet, frame, (uint32_t)len);
	if (n >= 0 && (size_t)n == len) {
		if (wire->tap)
			tap_sent(wire->tap, frame, len, clock_realtime());
		return 0;
	}
	error = errno ? errno : EIO;
	if (error == ENXIO || error == ENODEV) /* gone, or going */
		error = ENETDOWN;
	return why_set(why, error, "cannot send %zu bytes: %s", len, strerror(error));
}

int wire_send(struct wire *wire, const struct packet *packet, const uint8_t **frame, size_t *len,
	      struct why *why)
{
	uint8_t *built;
	size_t built_len;
	int r;

	r = frame_build(wire->libnet, packet, &built, &built_len, why);
	if (r < 0)
		return r;
	if (wire->sent)
		libnet_adv_free_packet(wire->libnet, wire->sent);
	wire->sent = built;
	r = frame_write(wire, built, built_len, why);
	if (r < 0)
		return r;
	if (frame)
		*frame = built;
	if (len)
		*len = built_len;
	return 0;
}

int wire_send_bytes(struct wire *wire, const uint8_t *frame, size_t len, struct why *why)
{
	if (len < ETHERNET_BYTES)
		return why_set(why, EINVAL, "%zu bytes are no Ethernet frame", len);
	if (len > UINT16_MAX + ETHERNET_BYTES)
		return why_set(why, EMSGSIZE, "%zu bytes do not fit an Ethernet frame", len);
	return frame_write(wire, frame, len, why);
}

int wire_next(struct wire *wire, struct frame *frame, struct why *why)
{
	struct pcap_pkthdr *header, tapped;
	const u_char *bytes;
	int r;

	if (wire->memory)
		return memory_next(wire, frame, why);
	header = &tapped;
	do
		r = wire->tap ? tap_next(wire->tap, &tapped, &bytes)
			      : pcap_next_ex(wire->pcap, &header, &bytes);
	while (r > 0 && wire->filter.bf_len && !pcap_offline_filter(&wire->filter, header, bytes));
	if (r == 0)
		return 0;
	if (r < 0 && wire->tap)
		return why_set(why, errno, "capture: %s", strerror(errno));
	if (r < 0)
		return why_set(why, r == PCAP_ERROR_IFACE_NOT_UP ? ENETDOWN : EIO, "capture: %s",
			       pcap_geterr(wire->pcap));
	capture_frame(&wire->capture, header, bytes);
	*frame = (struct frame){
		/* With nanosecond precision tv_usec holds nanoseconds. */
		.time = sec(header->ts.tv_sec) + header->ts.tv_usec,
		.outgoing = header->caplen >= ETHERNET_BYTES &&
			    memcmp(bytes + 6, wire->mac.at, sizeof(wire->mac.at)) == 0,
		.bytes = bytes,
		.captured = header->caplen,
		.len = header->len,
	};
	return 1;
}

int wire_dropped(struct wire *wire, unsigned *dropped)
{
	struct pcap_stat stats;

	if (wire->memory) {
		*dropped = memory_dropped(wire);
		return 0;
	}
	if (wire->tap)
		return tap_dropped(wire->tap, dropped);
	if (pcap_stats(wire->pcap, &stats) < 0)
		return -EIO;
	*dropped = stats.ps_drop - wire->dropped_before;
	return 0;
}

bool wire_stamps_late(const struct wire *wire)
{
	return wire->tap && tap_late(wire->tap);
}

int wire_capture_end(struct wire *wire, struct why *why)
{
	return capture_end(&wire->capture, why);
}

void wire_capture_drop(struct wire *wire)
{
	capture_drop(&wire->capture);
}
