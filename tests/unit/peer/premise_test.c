/*
 * Premises: a step that rests on a SHOULD or a MAY ends as that rule does, and only if what was
 * received is what a DUT sends that does not follow the rule.
 */
#include "world.h"

/* The DUT of world.h acknowledges a segment up to its end, whatever is missing before it. */
#define DATA SEGMENT(ACK, .data = text("abc"))
#define LIST(...)                                                                                  \
	(const struct segment[]){__VA_ARGS__},                                                     \
		sizeof((const struct segment[]){__VA_ARGS__}) / sizeof(struct segment)

static void judged_by(const struct world *w, enum requirement_id rule)
{
	const struct requirement *requirement = requirement_get(rule);
	struct break_facts facts = exchange_facts(w->x);

	assert_int_equal(facts.level, requirement ? requirement->level : LEVEL_UNSET);
	if (requirement)
		assert_string_equal(facts.requirement, requirement->name);
	else
		assert_null(facts.requirement);
}

static void broken_by(const struct world *w, enum requirement_id rule, const char *message)
{
	assert_int_equal(w->verdict, rule ? VERDICT_DEVIATION : VERDICT_FAIL);
	assert_int_not_equal(w->facts.kind, BREAK_NONE);
	assert_non_null(strstr(w->message, message));
	judged_by(w, rule);
	assert_true(w->rungs[w->count - 1].broken);
}

/* Rungs are told when there is time for it, and at the end. */
static void tell_all(struct world *w)
{
	exchange_audit(w->x);
}

static void rule_is_followed(void **state)
{
	struct world *w = *state;
	const struct heard *got;

	if (setjmp(w->end))
		fail_msg("%s", w->message);
	peer_inject(w->p, DATA);
	got = peer_premise(w->p, RFC9293(SHLD, 31),
			   LIST(either(ACK, .ack = is(3)), either(ACK, .ack = is(0))));
	assert_int_equal(got->ack, 3);
	tell_all(w);
	assert_non_null(strstr(w->rungs[w->count - 1].want, "RFC9293 SHLD-31"));
	peer_premise(w->p, RFC9293(SHLD, 31), LIST(NOTHING_FOR(ms(20)), either(ACK)));
	tell_all(w);
	assert_int_equal(w->rungs[w->count - 1].kind, RUNG_SILENCE);
	judged_by(w, REQUIREMENT_NONE);
}

static void should_is_not_followed(void **state)
{
	struct world *w = *state;

	if (!setjmp(w->end)) {
		peer_inject(w->p, DATA);
		peer_premise(w->p, RFC9293(SHLD, 31),
			     LIST(either(ACK, .ack = is(9)), either(RST),
				  either(ACK, .ack = is(3))));
		fail_msg("the premise is not kept");
	}
	broken_by(w, RFC9293(SHLD, 31), "want ack 9, got 3; this is a premise");
}

static void may_is_not_done(void **state)
{
	struct world *w = *state;

	if (!setjmp(w->end)) {
		peer_inject(w->p, DATA);
		peer_premise(w->p, RFC9293(MAY, 13),
			     LIST(either(ACK, .ack = is(9)), either(ACK, .ack = is(3))));
		fail_msg("the premise is not kept");
	}
	assert_false(w->broken);
	assert_int_equal(w->verdict, VERDICT_SKIP);
	judged_by(w, RFC9293(MAY, 13));
	assert_non_null(strstr(w->message, "the DUT does not do what RFC9293 MAY-13 permits"));
	assert_false(w->rungs[w->count - 1].broken);
}

static void anything_else_breaks_the_claim(void **state)
{
	struct world *w = *state;

	if (!setjmp(w->end)) {
		peer_inject(w->p, DATA);
		peer_premise(w->p, RFC9293(SHLD, 31),
			     LIST(either(ACK, .ack = is(9)), either(ACK, .ack = is(0)), NOTHING));
		fail_msg("the premise is not kept");
	}
	broken_by(w, REQUIREMENT_NONE, "want ack 9, got 3");
	assert_null(strstr(w->message, "premise"));
}

static void nothing_comes(void **state)
{
	struct world *w = *state;
	const struct window soon = within(ms(20));

	w->mute = true;
	if (!setjmp(w->end)) {
		peer_inject(w->p, DATA);
		peer_premise(w->p, RFC9293(SHLD, 31),
			     LIST(either(ACK, .when = soon), either(RST, .when = soon)));
		fail_msg("nothing came");
	}
	broken_by(w, REQUIREMENT_NONE, "no segment arrived");
	if (!setjmp(w->end)) {
		peer_premise(w->p, RFC9293(SHLD, 31), LIST(either(ACK, .when = soon), NOTHING));
		fail_msg("nothing came");
	}
	broken_by(w, RFC9293(SHLD, 31), "no segment arrived");
}

static void something_comes_where_nothing_should(void **state)
{
	struct world *w = *state;

	if (!setjmp(w->end)) {
		peer_inject(w->p, DATA);
		peer_premise(w->p, RFC9293(SHLD, 7),
			     LIST(NOTHING_FOR(ms(50)), either(ACK, .ack = is(3))));
		fail_msg("a segment came");
	}
	broken_by(w, RFC9293(SHLD, 7), "a segment came where silence was due");
}

static void numbers_are_checked(void **state)
{
	struct world *w = *state;

	if (setjmp(w->end))
		fail_msg("%s", w->message);
	peer_premise_check(w->p, RFC9293(SHLD, 14), true, "x", "%d", 1);
	if (!setjmp(w->end)) {
		peer_premise_check(w->p, RFC9293(SHLD, 14), false, "edge >= 9", "it is at %d", 1);
		fail_msg("the premise is not kept");
	}
	broken_by(w, RFC9293(SHLD, 14), "it is at 1 (edge >= 9); this is a premise");
}

static void rehearsal_names_the_rule(void **state)
{
	struct world *w = *state;

	if (setjmp(w->end))
		fail_msg("%s", w->message);
	peer_premise(w->p, RFC9293(SHLD, 31), LIST(either(ACK, .ack = is(9)), either(RST)));
	tell_all(w);
	assert_non_null(strstr(w->rungs[w->count - 1].text, "RFC9293 SHLD-31"));
	assert_null(peer_premise(w->p, RFC9293(SHLD, 7), LIST(NOTHING_FOR(ms(9)), either(RST))));
	tell_all(w);
	assert_non_null(strstr(w->rungs[w->count - 1].text, "silence for 9 ms"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rule_is_followed, setup, teardown),
		cmocka_unit_test_setup_teardown(should_is_not_followed, setup, teardown),
		cmocka_unit_test_setup_teardown(may_is_not_done, setup, teardown),
		cmocka_unit_test_setup_teardown(anything_else_breaks_the_claim, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_comes, setup, teardown),
		cmocka_unit_test_setup_teardown(something_comes_where_nothing_should, setup,
						teardown),
		cmocka_unit_test_setup_teardown(numbers_are_checked, setup, teardown),
		cmocka_unit_test_setup_teardown(rehearsal_names_the_rule, setup_rehearsal,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
