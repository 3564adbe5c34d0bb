/*
 * What the files of the wire room share. Not a door: nobody else includes it.
 */
#ifndef WIRE_INSIDE_H
#define WIRE_INSIDE_H

#include "wire/wire.h"
#include <libnet.h>
#include <pcap/pcap.h>

/* The capture file. All zero is no file. error: the first errno that writing to it met. */
struct capture {
	pcap_dumper_t *dumper;
	char *path;
	struct output_file file;
	int error;
};

struct wire {
	libnet_t *libnet;
	uint8_t *sent; /* the frame culled last; libnet's, given back before the next one */
	pcap_t *pcap;
	struct bpf_program filter; /* bf_len 0: none */
	unsigned dropped_before; /* frames, before the filter was set: they were not for us */
	int fd;
	struct mac mac;
	struct capture capture;
	struct memory *memory; /* the double's; NULL on a real wire */
	struct tap *tap;       /* NULL: libpcap hears */
};

/*
 * A plain packet socket in libpcap's place. wire->pcap is open for no interface then: it compiles
 * the filter and writes the capture file.
 */
int tap_open(struct wire *wire, const struct wire_config *config, int snaplen, struct why *why);
/* The filter is set: hear from now on. */
int tap_start(struct wire *wire, const struct wire_config *config, struct why *why);
/* As pcap_next_ex(): 1, 0 or -1 with errno. */
int tap_next(struct tap *tap, struct pcap_pkthdr *header, const uint8_t **bytes);
/* A frame whose sending has ended now, ns since the epoch. */
void tap_sent(struct tap *tap, const uint8_t *frame, size_t len, nanos ended);
int tap_dropped(struct tap *tap, unsigned *dropped);
bool tap_late(const struct tap *tap);
void tap_free(struct tap *tap, bool close_handle);

/*
 * Build the packet's frame in the libnet context, lies included. The frame is libnet's: give it
 * back with libnet_adv_free_packet(). -EINVAL, -EMSGSIZE, -ENOMEM.
 */
int frame_build(libnet_t *libnet, const struct packet *packet, uint8_t **frame, size_t *len,
		struct why *why);

/* Make the capture file. The path is copied. -errno. */
int capture_open(struct capture *capture, pcap_t *pcap, const char *path, struct why *why);
void capture_frame(struct capture *capture, const struct pcap_pkthdr *header, const uint8_t *bytes);
/* Flush, close, and free; a file that is not whole is removed. Twice is fine. */
int capture_end(struct capture *capture, struct why *why);
void capture_drop(struct capture *capture);

/* The double's side of the door. */
int memory_send(struct wire *wire, const uint8_t *frame, size_t len, struct why *why);
int memory_next(struct wire *wire, struct frame *frame, struct why *why);
unsigned memory_dropped(const struct wire *wire);
void memory_free(struct memory *memory);

#endif
