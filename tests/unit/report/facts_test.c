/* The facts of a verdict event: what is written is read again, and nothing else is. */
#include "report/event_fields.h"
#include "sample.h"
#include <errno.h>

/* Facts, all of them. */
static const struct break_facts every_fact = {
	.kind = BREAK_EARLY,
	.line = 12,
	.level = LEVEL_SHOULD_NOT,
	.requirement = "RFC9293 SHLD-31",
	.off_by = ms(3),
	.late = ms(4),
	.stall = ms(5),
	.stall_of = "the agent",
	.starved = true,
	.dropped = 6,
	.unfit = true,
	.drops_unknown = true,
	.clock_step = -ms(7),
	.longest = 2974,
	.mtu = 1500,
	.cut = 70000,
	.hops_least = 63,
	.hops_most = 64,
	.foreign_error = "192.0.2.9",
	.unreadable = "TCP data offset below 5",
	.no_lab = 1,
	.no_reach = 2,
};

static void facts_come_back(void **state)
{
	struct event event = {.kind = EVENT_VERDICT, .name = "a.b", .over = "ipv4",
		.verdict = {.verdict = VERDICT_FAIL, .message = "m", .facts = every_fact}};
	struct event_storage storage;
	struct event got, *copy;

	(void)state;
	round_trip(&event, &got, &storage);
	assert_int_equal(got.verdict.facts.kind, BREAK_EARLY);
	assert_int_equal(got.verdict.facts.level, LEVEL_SHOULD_NOT);
	assert_int_equal(got.verdict.facts.line, 12);
	assert_true(got.verdict.facts.clock_step == -ms(7));
	assert_int_equal(got.verdict.facts.no_reach, 2);
	assert_true(got.verdict.facts.unfit);
	same_text(got.verdict.facts.unreadable, every_fact.unreadable);
	copy = event_copy(&got);
	event_storage_free(&storage);
	assert_non_null(copy);
	same_text(copy->verdict.facts.foreign_error, every_fact.foreign_error);
	same_text(copy->verdict.facts.stall_of, every_fact.stall_of);
	same_text(copy->verdict.facts.requirement, every_fact.requirement);
	free(copy);
	/* Each kind of break, and none. */
	for (int kind = 0; kind < BREAKS; kind++) {
		event.verdict.facts = (struct break_facts){.kind = (enum break_kind)kind};
		round_trip(&event, &got, &storage);
		assert_int_equal(got.verdict.facts.kind, kind);
		event_storage_free(&storage);
	}
}

/* What is wrong with the facts of a stream, or from a later version, is refused. */
static void only_known_facts_are_read(void **state)
{
	static const struct {
		const char *facts;
		int error;
		const char *says;
	} rows[] = {
		{"", 0, ""}, /* a stream from before there were any */
		{",\"facts\":{\"version\":1}", 0, ""},
		{",\"facts\":{\"version\":1,\"kind\":\"late\"}", 0, ""},
		{",\"facts\":{}", -EPROTO, "version"},
		{",\"facts\":{\"version\":2}", -EPROTO, "newer lastack"},
		{",\"facts\":{\"version\":1,\"kind\":\"odd\"}", -EPROTO, "\"kind\""},
		{",\"facts\":{\"version\":1,\"kind\":\"\"}", -EPROTO, "\"kind\""},
		{",\"facts\":{\"version\":1,\"level\":\"\"}", -EPROTO, "\"level\""},
		{",\"facts\":{\"version\":1,\"mtu\":-1}", -EPROTO, "\"mtu\""},
		{",\"facts\":{\"version\":1,\"odd\":1}", -EPROTO, "should not have"},
		{",\"facts\":7", -EPROTO, "version"},
	};
	struct event_storage storage;
	struct event got;
	char line[400];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct why why = {.text = ""};
		int n = snprintf(line, sizeof(line),
				 "{\"event\":\"verdict\",\"time\":1,\"case\":\"a.b\","
				 "\"over\":\"ipv4\",\"verdict\":\"fail\",\"expected\":false,"
				 "\"attempt\":1,\"retry\":false,\"duration\":5,\"line\":1,"
				 "\"late\":8%s}", rows[i].facts);
		int r = event_read(line, (size_t)n, &got, &storage, &why);

		if (r != rows[i].error || !strstr(why.text, rows[i].says))
			fail_msg("%s: got %d, %s", line, r, why.text);
		if (!r)
			event_storage_free(&storage);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_come_back),
		cmocka_unit_test(only_known_facts_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
