/* Sysctls and counters of the process's network namespace, from /proc. Private to the room. */
#ifndef DUT_KERNEL_H
#define DUT_KERNEL_H

#include "base/base.h"

/*
 * name is dotted and begins with "net.". Of a sysctl of several numbers, the first is read, or
 * written. -ENOENT: no such sysctl; -EINVAL: no sysctl's name, no number, or a value refused;
 * -EPERM.
 */
int sysctl_get(const char *name, int64_t *value, struct why *why);
int sysctl_set(const char *name, int64_t value, struct why *why);

/* A counter as nstat names it, "TcpExtListenDrops". -ENOENT; -EINVAL: no counter's name. */
int counter_get(const char *name, int64_t *value, struct why *why);
/* Look for it in the text of /proc/net/snmp or netstat. 0, -ENOENT, or -EPROTO for another text. */
int counter_find(const char *contents, const char *name, int64_t *value);

#endif
