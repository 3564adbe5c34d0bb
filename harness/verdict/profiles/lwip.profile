# What is known of lwIP, 2.1.3, as Debian's liblwip has it. The last line that matches a case wins.
#
# timer NAME DURATION REASON
timer tick 500ms TCP_SLOW_INTERVAL: a timer runs out at the tick that ends it, up to one early
timer syn-ack 3s LWIP_TCP_RTO_TIME
timer syn-received 20s TCP_SYN_RCVD_TIMEOUT: the half-open entry is gone then, in silence
timer time-wait 120s two TCP_MSL of 60 s
timer fin-wait-2 20s TCP_FIN_WAIT_TIMEOUT, where the application has closed
#
# CASE [ipv4|ipv6] VERDICT REASON
isn_across_tuples.a_few_ports fail tcp_next_iss() adds the ticks since the start to one counter for all: who sees one ISN knows the next
closed_port.ack_gets_rst/* fail tcp_rst() always sets ACK too, where an ACK is answered RST stands alone
listening.ack_gets_rst/* deviation tcp_rst() always sets ACK too, where an ACK is answered RST stands alone
syn_received.bad_ack_gets_rst/* fail tcp_rst() always sets ACK too, where an ACK is answered RST stands alone
third_segment.data_with_a_wrong_ack_gets_rst fail tcp_rst() always sets ACK too, where an ACK is answered RST stands alone
closed_port.without_ack_gets_rst_ack/syn_fin fail tcp_input() counts SYN and FIN together as one number
ack_number.beyond_snd_nxt_is_answered/established_data fail the ACK is answered, and the segment's data is taken all the same
ack_number.beyond_snd_nxt_is_answered/established_data_fin fail the ACK is answered, and the segment's data is taken all the same
syn_received.rst_outside_is_dropped/right fail RCV.NXT + RCV.WND is taken for a number in the window
syn_received.outside_gets_an_ack/syn_far_right deviation in SYN-RECEIVED a SYN of another number gets no answer
delayed_ack.filled_hole_gets_it_at_once deviation what fills a hole is acknowledged after up to 250 ms, as any data
isn_over_time.passive_open fail an ISN moves with the ticks of 500 ms and with each connection, by no clock of 4 us
ack_number.beyond_snd_nxt_does_not_count/established_data_fin fail the ACK is answered, and the segment's data is taken all the same
no_ack_bit.is_dropped/established_fin fail a FIN without ACK is taken
no_ack_bit.is_dropped/established_data_fin fail data and FIN without ACK are taken
syn_received.syn_in_the_window_goes_back_to_listen/* fail a SYN in the window is dropped, and the half-open connection completes
header_fields.reserved_bits_of_a_rst_are_ignored/* deviation tcp_rst() always sets ACK too, where an ACK is answered RST stands alone
reset.at_rcv_nxt_resets/* deviation tcp_rst() always sets ACK too, where an ACK is answered RST stands alone
reset.answer_to_the_challenge_resets/* deviation tcp_rst() always sets ACK too, where an ACK is answered RST stands alone
syn_received.rst_at_rcv_nxt_goes_back_to_listen deviation tcp_rst() always sets ACK too, where an ACK is answered RST stands alone
