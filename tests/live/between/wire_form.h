/* What the kernel leaves to hardware, done in software: see between.h. */
#ifndef BETWEEN_WIRE_FORM_H
#define BETWEEN_WIRE_FORM_H

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Called with each frame of wire_form(). Up to room bytes may be used at bytes. */
typedef void wire_form_take(uint8_t *bytes, size_t len, size_t room, void *context);

/*
 * Calls take for each frame that the wire would carry for this one, which the kernel described in
 * header (PACKET_VNET_HDR). False if the frame is a merged one that cannot be cut: not TCP, or its
 * headers are damaged. Changes the bytes.
 */
bool wire_form(const struct virtio_net_hdr *header, uint8_t *bytes, size_t len, size_t room,
	       wire_form_take *take, void *context);

/*
 * Makes of a TCP frame longer than the MTU what the kernel takes as one merged segment: fills
 * header, and writes the sum of the pseudo-header into the checksum. False if it is not TCP.
 */
bool wire_form_merge(struct virtio_net_hdr *header, uint8_t *bytes, size_t len, size_t mtu);

#endif
