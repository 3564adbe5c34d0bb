/*
 * The Ethernet device: a frame is one read() or write() at standard input.
 */
#include "stack/lwip/lwip.h"
#include <errno.h>
#include <lwip/etharp.h>
#include <lwip/ethip6.h>
#include <lwip/pbuf.h>
#include <lwip/tcpip.h>
#include <netif/ethernet.h>
#include <string.h>
#include <unistd.h>

#define TAP 0
#define FRAME_MAX 1514
#define MTU 1500

static err_t frame_send(struct netif *netif, struct pbuf *p)
{
	unsigned char frame[FRAME_MAX];

	(void)netif;
	if (p->tot_len > sizeof(frame))
		return ERR_BUF;
	pbuf_copy_partial(p, frame, p->tot_len, 0);
	return write(TAP, frame, p->tot_len) == (ssize_t)p->tot_len ? ERR_OK : ERR_IF;
}

err_t device_init(struct netif *netif)
{
	static const unsigned char mac[] = {0x02, 0x00, 0x00, 0x00, 0x00, 0x02};

	netif->name[0] = 't';
	netif->name[1] = 'p';
	netif->output = etharp_output;
	netif->output_ip6 = ethip6_output;
	netif->linkoutput = frame_send;
	netif->mtu = MTU;
	netif->hwaddr_len = sizeof(mac);
	memcpy(netif->hwaddr, mac, sizeof(mac));
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
		       NETIF_FLAG_IGMP | NETIF_FLAG_MLD6 | NETIF_FLAG_LINK_UP;
	return ERR_OK;
}

static struct netif *device;

static void frame_take(void *arg)
{
	struct pbuf *p = arg;

	if (device->input(p, device) != ERR_OK)
		pbuf_free(p);
}

/*
 * The stack's own thread takes each frame, by a post that waits for room: tcpip_input() would drop
 * what comes in large numbers, and such a loss would look like the stack's. Taken in this thread,
 * under the core's lock, a timer that it starts would not wake the other. And the pool's buffers
 * are smaller in Debian's build than its pbuf_alloc() believes, so none comes from there.
 */
void device_serve(struct netif *netif)
{
	unsigned char frame[FRAME_MAX + 4];
	ssize_t n;

	device = netif;
	while ((n = read(TAP, frame, sizeof(frame))) > 0 || (n < 0 && errno == EINTR)) {
		struct pbuf *p = n > 0 ? pbuf_alloc(PBUF_RAW, (u16_t)n, PBUF_RAM) : NULL;

		if (!p)
			continue;
		pbuf_take(p, frame, (u16_t)n);
		if (tcpip_callback(frame_take, p) != ERR_OK)
			pbuf_free(p);
	}
}
