/* TCP_INFO as a case sees it. Private to the room. */
#ifndef DUT_INFO_H
#define DUT_INFO_H

#include "dut/dut.h"

/* Read the kernel's struct tcp_info. Older kernels have a shorter one: what it lacks is zero. */
void info_read(const void *bytes, size_t len, struct dut_info *out);

#endif
