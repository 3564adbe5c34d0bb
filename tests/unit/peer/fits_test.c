/* Which segments of ours a break's facts call unfit: those that a stateful filter may drop. */
#include "world.h"

static void usual(struct peer *p)
{
	peer_inject(p, SEGMENT(SYN));
	peer_expect(p, SEGMENT(SYN | ACK, .ack = is(1)));
	peer_inject(p, SEGMENT(ACK));
	peer_inject(p, SEGMENT(ACK | PSH, .data = pattern(100)));
	peer_expect(p, SEGMENT(ACK, .ack = is(101)));
}

static void nothing_else(struct peer *p)
{
	(void)p;
}

static void fin(struct peer *p)
{
	peer_inject(p, SEGMENT(FIN | ACK));
}

static void rst(struct peer *p)
{
	peer_inject(p, SEGMENT(RST));
}

static void after_a_rst(struct peer *p)
{
	peer_inject(p, SEGMENT(RST));
	peer_inject(p, SEGMENT(ACK));
}

static void old(struct peer *p)
{
	peer_inject(p, SEGMENT(ACK, .seq = is(0)));
}

static void beyond_a_hole(struct peer *p)
{
	peer_inject(p, SEGMENT(ACK, .seq = is(301), .data = pattern(1)));
}

static void far_ack(struct peer *p)
{
	peer_inject(p, SEGMENT(ACK, .ack = is(5000)));
}

static void beyond_the_window(struct peer *p)
{
	static uint8_t bytes[1400];

	for (int i = 0; i < 48; i++)
		peer_inject(p, SEGMENT(ACK, .data = {bytes, sizeof(bytes)}));
}

static void second_syn(struct peer *p)
{
	peer_inject(p, SEGMENT(SYN));
}

static void no_ack(struct peer *p)
{
	peer_inject(p, SEGMENT(PSH, .data = pattern(1)));
}

static void no_flags(struct peer *p)
{
	peer_inject(p, SEGMENT(0));
}

static void syn_fin(struct peer *p)
{
	peer_inject(p, SEGMENT(SYN | FIN));
}

static void bad_sum(struct peer *p)
{
	peer_inject(p, SEGMENT(ACK, .lies = LIE_BAD_CHECKSUM));
}

static void unfit_is(struct world *w, bool want)
{
	if (!setjmp(w->end)) {
		w->mute = true;
		peer_expect(w->p, SEGMENT(URG, .when = within(ms(1))));
		fail_msg("a segment that was not sent arrived");
	}
	assert_true(w->broken);
	assert_int_equal(w->facts.unfit, want);
}

#define ROW(name, unfit)                                                                           \
	static void name##_row(void **state)                                                       \
	{                                                                                          \
		struct world *w = *state;                                                          \
                                                                                                   \
		if (setjmp(w->end))                                                                \
			fail_msg("%s", w->message);                                                \
		usual(w->p);                                                                       \
		w->mute = true;                                                                    \
		name(w->p);                                                                        \
		unfit_is(w, unfit);                                                                \
	}
ROW(nothing_else, false)
ROW(fin, false)
ROW(rst, false)
ROW(after_a_rst, true)
ROW(old, true)
ROW(beyond_a_hole, true)
ROW(far_ack, true)
ROW(beyond_the_window, true)
ROW(second_syn, true)
ROW(no_ack, true)
ROW(no_flags, true)
ROW(syn_fin, true)
ROW(bad_sum, true)

/* Without a connection each segment but a SYN is unfit. */
static void of_no_connection(void **state)
{
	static const unsigned flags[] = {ACK, FIN | ACK, SYN | ACK, RST, RST | ACK, FIN, PSH | ACK};
	struct world *w = *state;
	volatile size_t i;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		struct peer *p = peer_new(w->x, (uint16_t)(2000 + i), 7, 1);

		w->mute = true;
		if (setjmp(w->end))
			fail_msg("%s", w->message);
		peer_inject(p, SEGMENT(flags[i]));
		unfit_is(w, true);
	}
}

/* Dropped by a DUT in SYN-SENT, and the end of the connection for a filter. */
static void rst_for_a_syn(void **state)
{
	struct world *w = *state;

	w->mute = true;
	if (setjmp(w->end))
		fail_msg("%s", w->message);
	peer_inject(w->p, SEGMENT(SYN));
	peer_inject(w->p, SEGMENT(RST));
	peer_inject(w->p, SEGMENT(SYN, .seq = is(0)));
	unfit_is(w, true);
}

static void syn_that_is_sent_again(void **state)
{
	struct world *w = *state;

	w->mute = true;
	if (setjmp(w->end))
		fail_msg("%s", w->message);
	peer_inject(w->p, SEGMENT(SYN));
	peer_inject(w->p, SEGMENT(SYN, .seq = is(0)));
	unfit_is(w, false);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_else_row),
		TEST(fin_row),
		TEST(rst_row),
		TEST(after_a_rst_row),
		TEST(old_row),
		TEST(beyond_a_hole_row),
		TEST(far_ack_row),
		TEST(beyond_the_window_row),
		TEST(second_syn_row),
		TEST(no_ack_row),
		TEST(no_flags_row),
		TEST(syn_fin_row),
		TEST(bad_sum_row),
		TEST(of_no_connection),
		TEST(rst_for_a_syn),
		TEST(syn_that_is_sent_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
