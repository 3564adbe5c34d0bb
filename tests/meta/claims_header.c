/*
 * The lies that belie what the cases of IP's header, of listening beside connections, of early
 * closes, half-gone peers and old duplicates, of ECN's setup and of ICMP errors claim.
 */
#include "matrix.h"

const struct claim claims_of_header[] = {
	{"ip_header.time_to_live", "hops_less @hops_less"},
	{"ip_header.hop_limit", "hops_less @hops_less"},
	{"ip_header.diffserv_field", "diffserv_zero @diffserv_zero"},
	{"ip_header.traffic_class", "diffserv_zero @diffserv_zero"},
	{"ip_header.*_is_changed", "diffserv_stays diffserv_zero"},
	{"ip_header.*_of_each_value", "diffserv_off diffserv_stays diffserv_zero"},

	{"local_address.of_an_active_open*",
	 "syn_from_other_address data_from_other_address"},
	{"local_address.of_an_active_open_is_chosen*", "syn_again_from_other_address"},
	{"local_address.of_a_passive_open*",
	 "syn_from_other_address syn_again_from_other_address data_from_other_address"},
	{"local_address.*_opened_to", "group_opened group_going_on"},
	{"ip_options.are_ignored", "syn_ack_lost ack_lost ack_less read_changed"},
	{"ip_addresses.syn_to_*", "syn_gets_syn_ack syn_gets_rst"},
	{"ip_addresses.syn_from_*", "syn_gets_syn_ack syn_gets_rst"},

	{"listen_beside.*", "@established_as_closed"},
	{"listen_beside.established_goes_on", "ack_gets_rst"},
	{"listen_beside.syn_sent_goes_on", "syn_sent_as_closed @connect_refused"},
	{"listen_beside.syn_received_goes_on", "syn_received_as_closed @connect_refused"},

	{"early_close.syn_sent_is_forgotten",
	 "closed_as_established rst_lost rst_seq_more"},
	{"early_close.syn_received_sends_fin",
	 "fin_lost fin_without_fin fin_becomes_rst fin_wait_1_as_fin_wait_2 time_wait_as_closed"},
	{"half_gone.dut_has_gone",
	 "@rst_lost @rst_seq_more @rst_becomes_ack closed_as_established"},
	{"half_gone.peer_has_gone", "reset_as_end reset_as_broken_pipe closed_as_established"},
	{"half_gone.rst_with_data*",
	 "reset_as_end closed_as_established rst_gets_ack rst_gets_rst"},
	{"half_gone.rst_leaves_time_wait", "time_wait_as_closed"},
	{"old_duplicate.is_cleared_by_rst",
	 "syn_ack_acks_nothing @syn_ack_lost closed_as_established accept_gives_nothing"},

	{"ecn_setup.is_agreed_on", "@ecn_refused ecn_with_cwr"},
	{"ecn_setup.is_not_agreed_on", "ecn_unasked ecn_with_cwr"},
	{"out_of_order.is_acknowledged_at_once",
	 "ack_lost ack_more ack_late read_short read_changed"},

	{"icmp_error.soft_one_aborts_nothing*", "established_as_closed data_lost read_short"},
	{"icmp_error.soft_one_is_told*", "soft_error_untold soft_error_untrue"},
	{"icmp_error.goes_to_the_connection_it_quotes", "soft_error_untold soft_error_untrue"},
	{"icmp_error.source_quench_is_dropped", "soft_error_untrue established_as_closed"},
	{"icmp_error.hard_one_refuses", "closed_as_established"},
	{"icmp_error.hard_one_refuses/port_unreachable", "refused_as_connected"},
	{"icmp_error.soft_one_does_not_end_connect/reass*", "syn_not_again connect_refused"},
	{"icmp_error.quote_of_what_is_not_in_flight_is_ignored", "soft_error_untrue"},
	{"icmp_error.reports_can_be_switched", "unreachable_as_nothing"},
	{"icmp_error.too_big_makes_segments_smaller", "data_longer"},
	{NULL, NULL},
};
