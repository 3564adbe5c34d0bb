# What is known of Linux. The last line that matches a case wins.
#
# timer NAME DURATION REASON
timer time-wait 60s TCP_TIMEWAIT_LEN, fixed in the kernel: no sysctl changes it
timer fin-wait-2 60s the default of net.ipv4.tcp_fin_timeout
#
# CASE [ipv4|ipv6] VERDICT REASON
