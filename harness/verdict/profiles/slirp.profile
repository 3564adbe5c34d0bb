# What is known of libslirp, 4.7.0, as slirp4netns 1.2.0 has it. The last line that matches a case
# wins.
#
# timer NAME DURATION REASON
timer tick 500ms the slow timer, PR_SLOWHZ: two ticks a second
timer syn-ack 6s TCPTV_SRTTDFLT: nothing was measured yet
timer syn-received 75s TCPTV_KEEP_INIT: the half-open entry is reset then
timer time-wait 10s two TCPTV_MSL of 5 s
timer fin-wait-2 75s TCP_MAXIDLE
#
# CASE [ipv4|ipv6] VERDICT REASON
isn_across_tuples.a_few_ports fail an ISN is the one before and TCP_ISSINCR / 2, 64000: who sees one knows all that follow
late_syn.is_challenged/established_data fail a blind attack works: any SYN in the window resets the connection (no RFC 5961 section 4)
late_syn.is_challenged/established_left_edge fail a blind attack works: any SYN in the window resets the connection (no RFC 5961 section 4)
late_syn.is_challenged/established_right_edge fail a blind attack works: any SYN in the window resets the connection (no RFC 5961 section 4)
late_syn.is_challenged/established_syn_ack fail a blind attack works: any SYN in the window resets the connection (no RFC 5961 section 4)
late_syn.is_challenged/established_syn_fin fail a blind attack works: any SYN in the window resets the connection (no RFC 5961 section 4)
late_syn.is_challenged/established_left fail a SYN without ACK left of the window is dropped in silence
reset.in_the_window_is_challenged/established_* fail a blind attack works: any RST in the window resets the connection (no RFC 5961 section 3)
reset.in_the_window_is_challenged/close_wait_by_one fail a blind attack works: any RST in the window resets the connection (no RFC 5961 section 3)
challenge_ack_answered.by_a_peer_that_begins_anew/in_the_window fail a SYN in the window resets the connection and is no reason for a challenge ACK
challenge_ack_answered.by_a_peer_that_begins_anew/far_left fail a SYN without ACK left of the window is dropped in silence
syn_received.rst_in_the_window_is_challenged/* fail a RST in the window drops the half-open entry
syn_received.rst_outside_is_dropped/left fail a RST left of the window drops the half-open entry
syn_received.rst_outside_is_dropped/right fail RCV.NXT + RCV.WND is taken for a number in the window
syn_received.bad_ack_gets_rst/of_the_isn fail SYN-RECEIVED takes an ACK of its ISN, which acknowledges nothing
third_segment.data_with_a_wrong_ack_gets_rst fail SYN-RECEIVED takes an ACK of its ISN, which acknowledges nothing
syn_received.outside_gets_an_ack/ack_far_right deviation the answer is the SYN-ACK again, and not an ACK at SND.NXT
syn_received.outside_gets_an_ack/data_far_right deviation the answer is the SYN-ACK again, and not an ACK at SND.NXT
syn_received.outside_gets_an_ack/syn_far_right deviation the answer is the SYN-ACK again, and not an ACK at SND.NXT
second_segment.repeated_syn_is_answered_at_once deviation a repeated SYN gets no answer
second_segment.sent_again_with_doubling_intervals fail no interval is longer than 12 s (TCPTV_REXMTMAX), where RFC 6298 wants 60 s at least
closed_port.rst_gets_nothing/* fail tcp_input() answers a RST by a RST: two of its kind would never end
closed_port.without_ack_gets_rst_ack/fin fail the FIN is not counted in the number that the RST acknowledges
closed_port.without_ack_gets_rst_ack/fin_with_data fail the FIN is not counted in the number that the RST acknowledges
closed_port.without_ack_gets_rst_ack/syn_fin fail the FIN is not counted in the number that the RST acknowledges
closed_port.without_ack_gets_rst_ack/syn_with_data fail data on the SYN is not counted in the number that the RST acknowledges
listening.rst_is_ignored/* deviation it has no listeners: what is no SYN is answered as at a closed port, a RST too
listening.other_is_dropped/* fail it has no listeners: what is no SYN is answered as at a closed port
listening.syn_fin_harms_nobody fail a SYN with FIN gets RST
listening.syn_fin_opens deviation a SYN with FIN gets RST
wrap_in.rst_in_three_places/* fail a RST left of the window resets the connection
wrap_in.data_on_the_syn/behind_the_data fail it dies (SIGSEGV): where RCV.NXT becomes 0, tcp_reass() runs past its list's end
wrap_in.out_of_order/behind_the_data deviation it dies (SIGSEGV): where RCV.NXT becomes 0, tcp_reass() runs past its list's end
isn_over_time.passive_open fail an ISN is the one before and TCP_ISSINCR / 2, 64000, and moves with the slow timer, by no clock of 4 us
open_port_options.of_syns_on_no_other_segment fail a SYN without ACK left of the window is dropped in silence
reset.answer_to_the_challenge_resets/* fail a blind attack works: any RST in the window resets the connection (no RFC 5961 section 3)
