/*
 * Segments whose IP header has options.
 *
 * RFC 9293 section 3.9.2: IP options that TCP does not understand are ignored (MUST-50). The data
 * behind them counts as if they were not there. Options are those of RFC 791 section 3.1, and
 * numbers of RFC 4727 section 3.3 (30, 94, 158, 222) that are kept for experiments. Source routes
 * are left out: a host that drops a packet with one does right (RFC 7126 section 4.3).
 */
#include <lastack/case.h>

FAMILY(ip_options, "Segments whose IP header has options");

struct carried {
	const char *name;
	uint8_t len;
	uint8_t options[41]; /* a string's end too */
};

static const struct carried carried[] = {
	{"no_operation", 4, "\x01\x01\x01\x01"},
	{"end_of_list", 4, "\x00\x00\x00\x00"},
	{"experiment_30", 4, "\x1e\x04\x12\x34"},
	{"experiment_94", 4, "\x5e\x04\x12\x34"},
	{"experiment_158_in_40_bytes",
	 40, "\x9e\x28 what nobody understands is ignored..."},
	{"experiment_222", 4, "\xde\x02\x01\x01"},
	{"record_route", 8, "\x07\x07\x04\0\0\0\0\x01"},
	{"timestamp", 8, "\x44\x08\x05\x00\0\0\0\0"},
	{"router_alert", 4, "\x94\x04\0\0"},
	{"stream_id", 4, "\x88\x04\x00\x01"},
};

CASE_EACH(are_ignored, struct carried, carried,
	  .requirement = RFC9293(MUST, 50),
	  .claim       = "SYN, ACK, data and FIN with an IP option are taken as those without",
	  .over        = IPV4)
{
	const struct bytes options = {row->options, row->len};
	struct peer *p = dial(lab);

	inject(p, SYN, .ip_options = options);
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, ACK, .ip_options = options);
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
	inject(p, PSH | ACK, .data = pattern(100), .ip_options = options);
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	inject(p, FIN | ACK, .ip_options = options);
	expect(p, ACK, .seq = is(1), .ack = is(102), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, CLOSE_WAIT);
}
