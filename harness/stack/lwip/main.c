/*
 * lastack-lwip IPV4 IPV6: lwIP with these addresses, in /24 and /64. Its frames are read and
 * written at descriptor 0, a tap device's; its version goes to descriptor 3 once it listens.
 */
#include "base/base.h"
#include "stack/lwip/lwip.h"
#include <lwip/init.h>
#include <lwip/ip_addr.h>
#include <lwip/tcpip.h>
#include <netif/ethernet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define READY 3

struct start {
	ip4_addr_t address4;
	ip6_addr_t address6;
	struct netif netif;
	int failed;
	sys_sem_t done;
};

/* In the stack's own thread, once that goes. */
static void start_on(void *arg)
{
	struct start *start = arg;
	ip4_addr_t mask, none;

	IP4_ADDR(&mask, 255, 255, 255, 0);
	ip4_addr_set_zero(&none);
	if (netif_add(&start->netif, &start->address4, &mask, &none, NULL, device_init,
		      ethernet_input)) {
		/* An address that nobody doubts: it is in use at once. */
		netif_ip6_addr_set(&start->netif, 0, &start->address6);
		netif_ip6_addr_set_state(&start->netif, 0, IP6_ADDR_PREFERRED);
		netif_set_default(&start->netif);
		netif_set_up(&start->netif);
		start->failed = !services_listen();
	} else {
		start->failed = 1;
	}
	sys_sem_signal(&start->done);
}

int main(int argc, char **argv)
{
	static struct start start;

	process_prepare();
	if (argc != 3 || !ip4addr_aton(argv[1], &start.address4) ||
	    !ip6addr_aton(argv[2], &start.address6)) {
		fputs("usage: lastack-lwip IPV4 IPV6, with a tap device as standard input; "
		      "lastack run --stack lwip starts it\n",
		      stderr);
		return 3;
	}
	if (sys_sem_new(&start.done, 0) != ERR_OK) {
		fputs("lastack-lwip: out of memory\n", stderr);
		return 4;
	}
	tcpip_init(start_on, &start);
	sys_sem_wait(&start.done);
	if (start.failed) {
		fputs("lastack-lwip: lwIP has no memory\n", stderr);
		return 4;
	}
	if (dprintf(READY, "lwIP %s\n", LWIP_VERSION_STRING) < 0)
		return 4;
	close(READY);
	device_serve(&start.netif);
	return 0;
}
