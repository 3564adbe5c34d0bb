/* What both sides of a control connection do with its socket. Private to the room. */
#ifndef DUT_CONNECT_H
#define DUT_CONNECT_H

#include "dut/dut.h"
#include <sys/socket.h>

/* Returns the length of what was put into out. */
socklen_t agent_sockaddr(const struct agent_address *where, struct sockaddr_storage *out);
/* The options of a control connection's socket. 0, -errno. */
int control_tune(int fd);
/* Until the socket is ready for events of poll(): 0, -ETIMEDOUT, -errno. deadline: monotonic. */
int socket_await(int fd, short events, nanos deadline);
/* Close the connection once the agent has undone what was done there, or 2 s are over. */
void agent_leave(struct agent *agent);

#endif
