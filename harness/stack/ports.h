/*
 * Where each service of a stack listens. Of the stack room and of the programs that it starts.
 */
#ifndef STACK_PORTS_H
#define STACK_PORTS_H

enum stack_port {
	PORT_CLOSED = 1, /* nothing listens */
	PORT_ECHO = 7,
	PORT_DISCARD = 9,
	PORT_SILENT = 11,
	PORT_GREET = 13,
	PORT_HTTP = 80,
};

#define GREETING "220 lastack greets you\r\n"
#define HTTP_ANSWER                                                                                \
	"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n"
#define HTTP_REQUEST_END "\r\n\r\n"

#endif
