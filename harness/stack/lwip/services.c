/*
 * The services, as lwIP's own callbacks: what they do is done before the segment's answer is sent.
 */
#include "stack/lwip/lwip.h"
#include "stack/ports.h"
#include <lwip/tcp.h>
#include <stdlib.h>
#include <string.h>

#define RETRY 2 /* half seconds until what had no memory is tried again */

struct connection {
	struct tcp_pcb *pcb;
	u16_t port;
	struct pbuf *held; /* echo: heard, not sent back yet */
	size_t matched;	   /* http: of the request's end */
	int closing;
};

static void connection_free(struct connection *c)
{
	if (c->held)
		pbuf_free(c->held);
	free(c);
}

static void connection_close(struct connection *c)
{
	struct tcp_pcb *pcb = c->pcb;

	c->closing = 1;
	/* Without memory for a FIN it is tried again. */
	if (tcp_close(pcb) != ERR_OK)
		return;
	tcp_arg(pcb, NULL);
	tcp_recv(pcb, NULL);
	tcp_sent(pcb, NULL);
	tcp_err(pcb, NULL);
	tcp_poll(pcb, NULL, 0);
	connection_free(c);
}

/* Send back as much as there is room for; then close, where that is due. */
static void echo_go_on(struct connection *c)
{
	while (c->held) {
		struct pbuf *p = c->held;
		const u16_t room = tcp_sndbuf(c->pcb);
		const u16_t n = p->len < room ? p->len : room;

		if (!n || tcp_write(c->pcb, p->payload, n, TCP_WRITE_FLAG_COPY) != ERR_OK)
			break;
		tcp_recved(c->pcb, n);
		c->held = pbuf_free_header(p, n);
	}
	tcp_output(c->pcb);
	if (c->closing && !c->held)
		connection_close(c);
}

static int request_ends(struct connection *c, const struct pbuf *p)
{
	static const char end[] = HTTP_REQUEST_END;

	for (; p; p = p->next) {
		const char *at = p->payload;

		for (u16_t i = 0; i < p->len && c->matched < strlen(end); i++)
			c->matched = at[i] == end[c->matched] ? c->matched + 1 : at[i] == *end;
	}
	return c->matched == strlen(end);
}

static void data_take(struct connection *c, struct pbuf *p)
{
	if (c->port == PORT_ECHO) {
		if (c->held)
			pbuf_cat(c->held, p);
		else
			c->held = p;
		echo_go_on(c);
		return;
	}
	/* One that is silent does not read: its window stays as far closed. */
	if (c->port != PORT_SILENT)
		tcp_recved(c->pcb, p->tot_len);
	if (c->port == PORT_HTTP && !c->closing && request_ends(c, p)) {
		tcp_write(c->pcb, HTTP_ANSWER, (u16_t)strlen(HTTP_ANSWER), 0);
		connection_close(c);
	}
	pbuf_free(p);
}

static err_t on_data(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
	struct connection *c = arg;

	(void)pcb;
	(void)error;
	if (p) {
		data_take(c, p);
	} else if (c->port != PORT_SILENT) {
		c->closing = 1;
		if (!c->held)
			connection_close(c);
	}
	return ERR_OK;
}

static err_t on_room(void *arg, struct tcp_pcb *pcb, u16_t len)
{
	(void)pcb;
	(void)len;
	echo_go_on(arg);
	return ERR_OK;
}

static err_t on_time(void *arg, struct tcp_pcb *pcb)
{
	struct connection *c = arg;

	(void)pcb;
	if (c->port == PORT_ECHO)
		echo_go_on(c);
	else if (c->closing)
		connection_close(c);
	return ERR_OK;
}

/* The connection is gone already. */
static void on_error(void *arg, err_t error)
{
	(void)error;
	connection_free(arg);
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t error)
{
	struct connection *c = error == ERR_OK ? calloc(1, sizeof(*c)) : NULL;

	(void)arg;
	if (!c)
		return ERR_MEM;
	c->pcb = pcb;
	c->port = pcb->local_port;
	tcp_arg(pcb, c);
	tcp_recv(pcb, on_data);
	tcp_err(pcb, on_error);
	tcp_poll(pcb, on_time, RETRY);
	if (c->port == PORT_ECHO)
		tcp_sent(pcb, on_room);
	if (c->port == PORT_GREET)
		tcp_write(pcb, GREETING, (u16_t)strlen(GREETING), 0);
	return ERR_OK;
}

int services_listen(void)
{
	static const u16_t ports[] = {PORT_ECHO, PORT_DISCARD, PORT_SILENT, PORT_GREET, PORT_HTTP};

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		struct tcp_pcb *pcb = tcp_new_ip_type(IPADDR_TYPE_ANY), *listener;

		if (!pcb || tcp_bind(pcb, IP_ANY_TYPE, ports[i]) != ERR_OK)
			return 0;
		listener = tcp_listen(pcb);
		if (!listener)
			return 0;
		tcp_accept(listener, on_accept);
	}
	return 1;
}
