/*
 * lastack-lwip: lwIP at the other end of a tap device. A program of its own, with liblwip and the C
 * library alone.
 */
#ifndef STACK_LWIP_LWIP_H
#define STACK_LWIP_LWIP_H

#include <lwip/netif.h>

/* The interface whose frames are read and written at a descriptor. For netif_add(). */
err_t device_init(struct netif *netif);
/* Hand frames to the stack until there are no more. */
void device_serve(struct netif *netif);

/* Listen at all ports. With the core locked. False: without memory. */
int services_listen(void);

#endif
