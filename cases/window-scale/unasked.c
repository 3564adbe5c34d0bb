/*
 * A window scale that the SYN did not offer.
 *
 * RFC 7323 section 2.2: a SYN-ACK may have the option only if the SYN had it, and windows are
 * scaled only if both had it. A SYN-ACK that has it all the same is ignored by a careful peer, and
 * harms nobody as long as the windows after it are as they stand; that is a deviation. If the DUT
 * scales its windows then, the two ends mean different windows by the same field.
 */
#include <lastack/case.h>

FAMILY(window_scale_unasked, "A window scale that nobody asked for");

struct offer {
	const char *name;
	bool mss, sack, stamps;
};

static const struct offer offers[] = {
	{.name = "no_options"},
	{.name = "mss", .mss = true},
	{.name = "sack", .mss = true, .sack = true},
	{.name = "timestamps", .mss = true, .stamps = true},
	{.name = "sack_and_timestamps", .mss = true, .sack = true, .stamps = true},
};

CASE_EACH(syn_ack_has_none, struct offer, offers,
	  .requirement = RFC(7323, 4),
	  .judged_as   = LEVEL_SHOULD,
	  .claim       = "a SYN without a window scale gets a SYN-ACK without one, whatever other "
			 "options it has",
	  .needs       = BLACK_BOX)
{
	struct peer *p = dial(lab);

	inject(p, SYN, .lies = row->mss ? 0 : LIE_NO_OPTIONS,
	       .options = {row->mss ? opt_mss(1440) : (struct option){.used = false},
			   row->sack ? opt_sack_permitted() : opt_nop(),
			   row->stamps ? opt_timestamps(100000, 0) : opt_nop()});
	expect(p, SYN | ACK, .ack = is(1), .without = WITHOUT(OPTION_WSCALE),
	       .when = within(ms(500)));
	inject(p, RST, .seq = is(1));
}

/*
 * The window of the SYN-ACK is never scaled. A later one that is scaled has a field as much smaller
 * as the shift makes it; the DUT has received 100 bytes in between, and may take twice as many off.
 */
CASE(windows_are_not_scaled,
     .requirement = RFC(7323, 3),
     .also        = {RFC(7323, 4)},
     .claim       = "after a SYN without a window scale no window of the DUT's is scaled, whether "
		    "or not its SYN-ACK has the option",
     .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = dial(lab);
	const struct heard *offer, *got;
	unsigned shift;
	uint32_t scaled;

	inject(p, SYN);
	offer = expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	shift = offer->options.kinds & WITHOUT(OPTION_WSCALE) ? offer->options.wscale : 0;
	inject(p, ACK);
	dut_accept(p);
	inject(p, ACK | PSH, .data = pattern(100));
	got = expect(p, ACK, .ack = is(101), .len = is(0), .when = within(ms(500)));
	scaled = (uint32_t)offer->window >> (shift > 14 ? 14 : shift);
	check(p, !shift || got->window + 200u > offer->window / 2u || got->window > 2 * scaled + 1,
	      "the window was %u and is %u now, which is as much shifted by the %u of the SYN-ACK",
	      offer->window, got->window, shift);
	dut_expect_read(p, pattern(100));
}
