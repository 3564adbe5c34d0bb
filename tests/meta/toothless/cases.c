/*
 * Cases that are no good, for a proof that liars finds them: one judges nothing, one does not judge
 * the wire, and one is broken by the truth.
 */
#include <lastack/case.h>

FAMILY(toothless, "Cases that are no good");

CASE(judges_nothing,
     .requirement = RFC9293(EV, LISTEN_SYN),
     .claim       = "a SYN is answered somehow")
{
	struct peer *p = dial(lab);

	inject(p, SYN);
	peer_listen(p, ms(50));
	peer_forget(p);
}

CASE(judges_the_state_alone,
     .requirement = RFC9293(EV, LISTEN_SYN),
     .claim       = "a SYN is answered somehow, and leads to SYN-RECEIVED")
{
	struct peer *p = dial(lab);

	inject(p, SYN);
	dut_expect_state(p, SYN_RECEIVED);
}

CASE(judges_well,
     .requirement = RFC9293(EV, LISTEN_SYN),
     .claim       = "a SYN is answered by SYN-ACK, and leads to SYN-RECEIVED")
{
	struct peer *p = dial(lab);

	inject(p, SYN);
	expect(p, SYN | ACK, .ack = is(1));
	dut_expect_state(p, SYN_RECEIVED);
}

CASE(judges_wrongly,
     .requirement = RFC9293(EV, LISTEN_SYN),
     .claim       = "a SYN is answered by RST")
{
	struct peer *p = dial(lab);

	inject(p, SYN);
	expect(p, RST);
}
