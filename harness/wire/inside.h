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
	bool regular; /* only a regular file is removed after a failure */
	int error;
};

struct wire {
	libnet_t *libnet;
	uint8_t *sent; /* the frame culled last; libnet's, given back before the next one */
	pcap_t *pcap;
	struct bpf_program filter; /* bf_len 0: none */
	int fd;
	struct mac mac;
	struct capture capture;
	struct memory *memory; /* the double's; NULL on a real wire */
};

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

/* The double's side of the door. */
int memory_send(struct wire *wire, const uint8_t *frame, size_t len, struct why *why);
int memory_next(struct wire *wire, struct frame *frame, struct why *why);
unsigned memory_dropped(const struct wire *wire);
void memory_free(struct memory *memory);

#endif
