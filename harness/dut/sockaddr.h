/* struct address as the socket calls want it. Private to the room. */
#ifndef DUT_SOCKADDR_H
#define DUT_SOCKADDR_H

#include "dut/dut.h"
#include <sys/socket.h>

/* Returns the length of what was put into out. */
socklen_t sockaddr_make(const struct address *address, uint16_t port, struct sockaddr_storage *out);
/* Neither output is changed for a family other than IPv4 and IPv6. */
void sockaddr_read(const struct sockaddr_storage *from, socklen_t len, struct address *address,
                   uint16_t *port);

#endif
