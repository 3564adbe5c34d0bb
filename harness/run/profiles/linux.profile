# What is known of Linux. The last line that matches a case wins.
#
# timer NAME DURATION REASON
timer time-wait 60s TCP_TIMEWAIT_LEN, fixed in the kernel: no sysctl changes it
timer fin-wait-2 60s the default of net.ipv4.tcp_fin_timeout
#
# CASE [ipv4|ipv6] [since KERNEL] [before KERNEL] VERDICT REASON
early_data.on_the_syn_is_kept deviation without fast open, data on a SYN is not kept: it must be sent again
early_data.on_the_syn_ack_is_kept deviation data on a SYN-ACK is not kept: it must be sent again
listening.syn_fin_opens deviation a SYN with FIN is dropped in silence
first_segment.default_intervals_double since 6.5 deviation net.ipv4.tcp_syn_linear_timeouts: four SYNs come again 1 s apart before the intervals double
first_segment.goes_on_for_three_minutes fail the default retries of a SYN end after about 130 s
first_segment.linear_timeouts_with_one_retry since 6.5 fail the attempt also ends with the time that tcp_syn_retries alone would take
first_segment.retries_of_one_socket_by_default since 6.5 fail linear timeouts come on top of TCP_SYNCNT
time_wait.lasts_two_times_two_minutes deviation MSL is taken as 30 s, not two minutes
