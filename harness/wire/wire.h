/*
 * wire: the interface through which frames leave (libnet) and are heard (libpcap).
 *
 * One libnet handle and one libpcap handle a process, never opened twice, and left to the process's
 * end to close: closing packet sockets waits for RCU grace periods. The capture also hears what the
 * wire itself sends, with the timestamp of its leaving. The double has the same door, for tests.
 */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include "base/base.h"
#include "packet/packet.h"

struct wire;

struct wire_config {
	const char *interface;
	struct mac mac;           /* the source of our frames: tells both directions apart */
	const char *filter;       /* libpcap's filter language; NULL hears everything */
	int buffer_bytes;         /* of the capture ring; 0: 1 MiB */
	/* NULL, or where every frame heard or sent goes (pcap, ns); "-" is standard output */
	const char *capture_path;
	/*
	 * Frames may be longer than the interface's MTU, because segments are merged or not yet
	 * cut: capture 64 kB of each. Each frame takes as much of the ring then.
	 */
	bool long_frames;
	/*
	 * Hear by a plain packet socket, for few frames: libpcap's ring takes an RCU grace period
	 * to make, which is most of what a short command takes. See wire_stamps_late().
	 */
	bool brief;
	/*
	 * Filter here instead of in the kernel, which then has no filter's program to free: in
	 * user-mode Linux each one freed maps thousands of the kernel's own pages anew.
	 */
	bool filter_here;
};

/* A frame as captured; bytes live until the next wire_next(). */
struct frame {
	nanos time; /* ns since the epoch, by the kernel */
	bool outgoing;
	const uint8_t *bytes;
	size_t captured, len;
};

/*
 * Open. -EPERM without CAP_NET_RAW, -ENODEV for no such interface, -ENETDOWN when it is down,
 * -EINVAL for a bad filter, -ENOMEM, or the errno of a capture file that cannot be made. Owned by
 * the caller.
 */
int wire_open(struct wire **out, const struct wire_config *config, struct why *why);

/* Frees memory only; with close_handles also the two handles (up to 40 ms). NULL is fine. */
void wire_free(struct wire *wire, bool close_handles);

/* Readable when a frame waits. */
int wire_fd(const struct wire *wire);

/*
 * Build a TCP packet with libnet (Ethernet, IPv4 or IPv6, TCP, options, payload), cull it, apply
 * the lies, write it. frame and len (may be NULL) get the bytes as written, valid until the next
 * wire_send(), by which the capture of it is recognised. -EMSGSIZE, -ENOBUFS, -ENETDOWN, -EINVAL.
 */
int wire_send(struct wire *wire, const struct packet *packet, const uint8_t **frame, size_t *len,
              struct why *why);
/* Ready bytes, Ethernet header included. The same errors. */
int wire_send_bytes(struct wire *wire, const uint8_t *frame, size_t len, struct why *why);

/* The next captured frame: 1, or 0 when none waits, or -errno. Never blocks. */
int wire_next(struct wire *wire, struct frame *frame, struct why *why);

/* Frames that the capture dropped since wire_open(). -errno when the kernel does not say. */
int wire_dropped(struct wire *wire, unsigned *dropped);

/*
 * A plain packet socket's frames are stamped as they pass by only once the kernel has switched that
 * on, which it does a moment after the first one asks for it; until then they are when they are
 * read. Was it so with a frame of ours? Each has a time between the start and the end of its
 * sending, or it was. Never with libpcap.
 */
bool wire_stamps_late(const struct wire *wire);

/* Finish the capture file: flush, close. -errno (ENOSPC, EIO); the partial file is removed then. */
int wire_capture_end(struct wire *wire, struct why *why);
/* Throw away what was captured so far, which is little, and the file: another wire is opened. */
void wire_capture_drop(struct wire *wire);

/*
 * A wire in memory. What is sent goes to on_send (time: the double's clock), which may call
 * wire_double_hear() to answer; every sent frame is heard back as outgoing, as with libpcap.
 */
typedef void (*wire_double_fn)(void *arg, struct wire *wire, const uint8_t *frame, size_t len);
int wire_double(struct wire **out, wire_double_fn on_send, void *arg);
/* Put a frame in the queue of wire_next(). 0 or -ENOMEM. */
int wire_double_hear(struct wire *wire, nanos time, const uint8_t *frame, size_t len);
/* Pretend that the capture dropped n more frames. */
void wire_double_drop(struct wire *wire, unsigned n);

#endif
