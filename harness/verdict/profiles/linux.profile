# What is known of Linux. The last line that matches a case wins.
#
# timer NAME DURATION REASON
timer time-wait 60s TCP_TIMEWAIT_LEN, fixed in the kernel: no sysctl changes it
timer fin-wait-2 60s the default of net.ipv4.tcp_fin_timeout
timer syn-ack 1s TCP_TIMEOUT_INIT
timer syn-received 63s net.ipv4.tcp_synack_retries: five, and the interval after the last
#
# CASE [ipv4|ipv6] [since KERNEL] [before KERNEL] VERDICT REASON
early_data.on_the_syn_is_kept deviation without fast open, data on a SYN is not kept: it must be sent again
early_data.on_the_syn_ack_is_kept deviation data on a SYN-ACK is not kept: it must be sent again
listening.syn_fin_opens deviation a SYN with FIN is dropped in silence
simultaneous_open.ended_by_syn_ack before 6.1 fail the SYN-ACK leaves it in SYN-RECEIVED, which sends its own again; seen in 5.10
first_segment.default_intervals_double since 6.5 deviation net.ipv4.tcp_syn_linear_timeouts: four SYNs come again 1 s apart before the intervals double
first_segment.goes_on_for_three_minutes fail the default retries of a SYN end after about 130 s
first_segment.linear_timeouts_with_one_retry since 6.5 fail the attempt also ends with the time that tcp_syn_retries alone would take
first_segment.retries_of_one_socket_by_default since 6.5 fail linear timeouts come on top of TCP_SYNCNT
time_wait.lasts_two_times_two_minutes deviation MSL is taken as 30 s, not two minutes
reset.outside_is_dropped/established_right fail RCV.NXT + RCV.WND is taken for a number in the window
reset.outside_is_dropped/close_wait_left fail a RST at the number of the peer's FIN counts as one at RCV.NXT
reset.outside_is_dropped/closing_left fail a RST at the number of the peer's FIN counts as one at RCV.NXT
reset.outside_is_dropped/last_ack_left fail a RST at the number of the peer's FIN counts as one at RCV.NXT
reset.in_the_window_is_challenged/time_wait_by_one fail TIME-WAIT gives no challenge ACK
reset.is_reported/close_wait deviation in CLOSE-WAIT a reset shows in write(), and read() gives the end
syn_received.rst_in_the_window_is_challenged/* before 6.1.192 fail CVE-2026-68118: such a RST drops the half-open entry
syn_received.rst_in_the_window_is_challenged/* since 6.2 before 6.12.107 fail CVE-2026-68118: such a RST drops the half-open entry
syn_received.rst_outside_is_dropped/right fail RCV.NXT + RCV.WND is taken for a number in the window
syn_received.rst_after_an_active_open_refuses fail a RST in SYN-RECEIVED is ECONNRESET, whoever opened
window_edge.ack_outside_does_not_count/fin_wait_1_right fail RCV.NXT + RCV.WND is taken for a number in the window
window_edge.data_outside_does_not_count/last_byte_left_of_the_left_edge fail a segment that ends just before RCV.NXT has its acknowledgement taken
window_edge.data_outside_does_not_count/right fail RCV.NXT + RCV.WND is taken for a number in the window
no_ack_bit.is_dropped/time_wait_fin fail TIME-WAIT answers a FIN without ACK
ack_number.beyond_snd_nxt_is_answered/established_* before 6.18 fail an ACK of what was never sent gets no answer in ESTABLISHED
ack_number.old_is_ignored/fin_wait_1 before 6.1 deviation an old ACK is answered there; seen in 5.10
ack_number.old_is_ignored/close_wait before 6.1 deviation an old ACK is answered there; seen in 5.10
ack_number.old_is_ignored/last_ack before 6.1 deviation an old ACK is answered there; seen in 5.10
ack_number.old_does_not_stop_data/fin_wait_* before 6.1 fail data with an old ACK is dropped there; seen in 5.10
ack_number.below_the_range_is_answered/* before 6.1 fail the range is not looked at for the next data in ESTABLISHED; seen in 5.10
after_the_fin.data_across_it_is_ignored/close_wait fail old data that goes on beyond the peer's FIN resets the connection
after_the_fin.data_across_it_is_ignored/closing fail old data that goes on beyond the peer's FIN resets the connection
after_the_fin.data_across_it_is_ignored/last_ack fail old data that goes on beyond the peer's FIN resets the connection
time_wait_kept.syn_fin_does_not_end_it/beyond fail TIME-WAIT gives way to what looks like a SYN, and the listener drops SYN with FIN
#
# Timers
retransmission_timeout.not_within_one_second deviation the least timeout is 200 ms (net.ipv4.tcp_rto_min_us)
retransmission_timeout.second_sample/shorter fail a round trip that is shorter than the average moves the variance by less
giving_up.application_is_told_before_the_end deviation nothing is told before the end: who wants to know asks TCP_INFO
zero_window_for_hours.probed_for_an_orphan fail an orphan is given up when its probes are 120 s apart, acknowledged or not
shrunk_window.closed_by_a_repeated_acknowledgement before 6.6 deviation a window that shrinks is taken only with new numbers, a zero window too
idle_for_days.old_timestamp_* since 6.7 fail timestamps are forgotten after 2147 idle seconds, as for a clock of 1 MHz
#
# Options, checksums and windows.
mss_received.tiny_one_is_obeyed/* fail net.ipv4.tcp_min_snd_mss: no MSS below 48 is believed, lest small segments exhaust memory
delayed_ack.every_second_full_segment_in_a_talk before 6.12 deviation while the application has not read, and the window narrows, ACKs wait
delayed_ack.full_segments_in_a_row before 6.12 deviation while the application has not read, and the window narrows, ACKs wait
receive_window.what_crosses_its_edge_is_taken_up_to_it since 6.17 deviation a segment that ends behind the window is dropped whole
receive_window.what_crosses_its_edge_is_not_taken_beyond before 6.17 deviation a segment that begins in the window is taken whole
#
# Timestamps, window scale and what TIME-WAIT and cookies make of them.
timestamps_clock.begins_anywhere before 6.12 deviation where it begins depends on the addresses alone, not on the ports; seen in 5.10 and 6.1, not in 6.12.101
timestamps_offer.lacking_is_dropped/* deviation a segment that lacks the timestamps that were agreed on is taken
timestamps_on_rst.closed_port_echoes/* deviation a RST that answers a segment never has timestamps
timestamps_on_rst.listener_echoes deviation a RST that answers a segment never has timestamps
timestamps_on_rst.data_after_close_is_stamped deviation a RST that answers a segment never has timestamps
timestamps_on_rst.any_ends_syn_received/older_* fail a RST in SYN-RECEIVED is held against its timestamp
timestamps_on_rst.any_ends_syn_received/zero fail a RST in SYN-RECEIVED is held against its timestamp
paws.older_data_is_dropped/by_1 fail TCP_PAWS_WINDOW: a segment may be older by one tick
paws.recent_of_zero_is_a_time fail a TS.Recent of 0 is taken for none, and nothing is held against it
paws.older_duplicate_ack_is_answered/by_10 fail a bare ACK that is older by less than a timeout is taken for a reordered one
time_wait_reuse.first_time_reopens/same_number deviation a SYN that brings timestamps in is judged by its number
time_wait_reuse.first_time_reopens/lower_number deviation a SYN that brings timestamps in is judged by its number
time_wait_reuse.number_behind_the_fin_reopens/* deviation a SYN's number must lie behind RCV.NXT, one more than behind the FIN
time_wait_reuse.other_*is_dropped/* deviation a SYN that TIME-WAIT does not accept is answered by an ACK, as RFC 9293 has it
time_wait_reconnect.syn_echoes_nothing deviation the SYN of a connection that takes TIME-WAIT over echoes the old one's TS.Recent
cookie_options.no_segment_is_larger_than_the_mss/of_400 fail a cookie's least MSS is 536, or 1220 over IPv6
cookie_options.no_segment_is_larger_than_the_mss/of_536 ipv6 fail a cookie's least MSS is 1220 over IPv6
cookie_options.no_segment_is_larger_than_the_mss/of_1000 ipv6 fail a cookie's least MSS is 1220 over IPv6
ack_range.fin_outside_is_dropped/*right* before 6.18 fail an ACK of what was never sent is dropped without a word
challenge_ack_limits.of_one_connection/ack_of_what_was_never_sent before 6.18 deviation an ACK of what was never sent is dropped without a word
wrap_out.acknowledgement_of_more before 6.18 fail an ACK of what was never sent is dropped without a word
half_gone.rst_leaves_time_wait deviation an abort deletes the record, as RFC 9293 section 3.10.5 has it
icmp_error.soft_one_is_told/reassembly_time_exceeded deviation IP drops it, and TCP does not learn of it
icmp_error.hard_one_aborts/* deviation RFC 5927 section 5.2: an established connection survives what anybody can send
icmp_error.soft_one_does_not_end_connect/*_unreachable fail RFC 5461 section 4.1: in SYN-SENT such an error ends connect()
icmp_error.soft_one_does_not_end_connect/source_route_failed fail RFC 5461 section 4.1: in SYN-SENT such an error ends connect()
icmp_error.soft_one_does_not_end_connect/time_exceeded fail RFC 5461 section 4.1: in SYN-SENT such an error ends connect()
icmp_error.soft_one_does_not_end_connect/parameter_problem fail RFC 5461 section 4.1: in SYN-SENT such an error ends connect()
#
# Addresses.
ip_addresses.syn_from_nobody_is_ignored/subnet_broadcast fail answered, to the broadcast address: without rp_filter nothing says that it is none of a host
ip_addresses.syn_from_no_node_is_ignored/unspecified fail a SYN from :: is answered, to ::
