# What is known of gVisor's netstack, 0.0~20221219.0, as runsc has it. The last line that matches a
# case wins.
#
# timer NAME DURATION REASON
timer syn-ack 1s InitialRTO
timer syn-received 127s six retransmissions, and the interval after the last
timer time-wait 60s DefaultTCPTimeWaitTimeout
timer fin-wait-2 60s DefaultTCPLingerTimeout
#
# CASE [ipv4|ipv6] VERDICT REASON
reset.in_the_window_is_challenged/* fail a blind attack works: any RST in the window resets the connection (no RFC 5961 section 3)
syn_received.rst_in_the_window_is_challenged/* fail a RST in the window drops the half-open entry
wrap_in.rst_in_three_places/* fail a blind attack works: any RST in the window resets the connection (no RFC 5961 section 3)
ack_number.beyond_snd_nxt_is_answered/established_* fail an ACK of what was never sent gets no answer in ESTABLISHED, and data that comes with it is taken
paws.older_data_is_dropped/* fail there is no PAWS: a timestamp is never held against a segment
paws.older_duplicate_ack_is_answered/* fail there is no PAWS: a timestamp is never held against a segment
paws.older_is_dropped/data_and_fin fail there is no PAWS: a timestamp is never held against a segment
paws.older_is_dropped/data_behind_a_hole fail there is no PAWS: a timestamp is never held against a segment
paws.older_is_dropped/data_half_old_and_half_new fail there is no PAWS: a timestamp is never held against a segment
paws.older_is_dropped/fin fail there is no PAWS: a timestamp is never held against a segment
paws.older_is_dropped/urgent_data fail there is no PAWS: a timestamp is never held against a segment
paws.peers_clock_comes_round fail there is no PAWS: a timestamp is never held against a segment
paws.recent_of_zero_is_a_time fail there is no PAWS: a timestamp is never held against a segment
paws_in_states.* fail there is no PAWS: a timestamp is never held against a segment
timestamps_offer.lacking_is_dropped/* deviation a segment that lacks the timestamps that were agreed on is taken
timestamps_on_rst.closed_port_echoes/* deviation a RST that answers a segment never has timestamps
timestamps_on_rst.listener_echoes deviation a RST that answers a segment never has timestamps
wrap_in.out_of_order/* deviation a FIN that comes alone before its turn is not kept
delayed_ack.full_segments_in_a_row deviation what waits in its queue is acknowledged together
