#include "dut/info.h"
#include <netinet/tcp.h>
#include <string.h>

void info_read(const void *bytes, size_t len, struct dut_info *out)
{
	struct tcp_info raw;

	memset(&raw, 0, sizeof(raw));
	memcpy(&raw, bytes, len < sizeof(raw) ? len : sizeof(raw));
	*out = (struct dut_info){
		.state = state_from_linux(raw.tcpi_state),
		.retransmits = raw.tcpi_retransmits,
		.probes = raw.tcpi_probes,
		.backoff = raw.tcpi_backoff,
		.unacked = raw.tcpi_unacked,
		.rto = us(raw.tcpi_rto),
		.rtt = us(raw.tcpi_rtt),
		.snd_mss = raw.tcpi_snd_mss,
		.rcv_mss = raw.tcpi_rcv_mss,
		.snd_wscale = raw.tcpi_snd_wscale,
		.rcv_wscale = raw.tcpi_rcv_wscale,
		.snd_cwnd = raw.tcpi_snd_cwnd,
		.timestamps = raw.tcpi_options & TCPI_OPT_TIMESTAMPS,
		.sack = raw.tcpi_options & TCPI_OPT_SACK,
	};
}
