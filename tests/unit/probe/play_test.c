/*
 * The language of --play, and of --expect.
 */
#include "spelt.h"

static struct play parsed(const char *text_)
{
	struct play play;
	struct why why = {.text = ""};

	if (play_parse("--play", text_, &play, &why))
		fail_msg("%s", why.text);
	return play;
}

static void a_conversation_in_one_line(void **state)
{
	struct play play = parsed("S; < SA; A; data \"GET / HTTP/1.0\\r\\n\\r\\n\"; < A; "
				  "< data within 2s; F; < FA|A; A");
	const struct step *step = play.steps;

	(void)state;
	assert_int_equal(play.count, 9);
	assert_int_equal(step[0].kind, STEP_SEND);
	assert_int_equal(step[0].send.flags, SYN);
	assert_int_equal(step[1].kind, STEP_EXPECT);
	assert_int_equal(step[1].expect.count, 1);
	assert_int_equal(step[1].expect.any[0].flags, SYN | ACK);
	assert_int_equal(step[2].send.flags, ACK);
	assert_int_equal(step[3].send.flags, PSH | ACK);
	assert_int_equal(step[3].send.data.len, 18);
	assert_memory_equal(step[3].send.data.at, "GET / HTTP/1.0\r\n\r\n", 18);
	assert_int_equal(step[5].expect.count, 2);
	assert_int_equal(step[5].expect.any[0].len.low, 1);
	assert_int_equal(step[5].expect.any[1].flags, FIN | ACK);
	assert_int_equal(step[5].expect.within, sec(2));
	assert_int_equal(step[6].send.flags, FIN | ACK);
	assert_int_equal(step[7].expect.count, 2);
	assert_int_equal(step[7].expect.any[0].flags, FIN | ACK);
	assert_int_equal(step[7].expect.any[1].flags, ACK);
	play_free(&play);
}

static void from_a_file(void **state)
{
	struct play play = parsed("# open\nS seq 5 win 1024 <mss 536,nop>   # small\r\n"
				  "< SA within 1s\r\n\nwait 1.5s; < silence 500ms\n"
				  "0x01; none; R seq +7 ack 9 ttl 3 tos 4 urg 2\n");

	(void)state;
	assert_int_equal(play.count, 7);
	assert_int_equal(play.steps[0].send.raw_seq.low, 5);
	assert_int_equal(play.steps[0].send.window.low, 1024);
	assert_int_equal(play.steps[0].send.options[0].kind, OPTION_MSS);
	assert_true(play.steps[0].send.options[1].used);
	assert_false(play.steps[0].send.options[2].used);
	assert_int_equal(play.steps[2].kind, STEP_WAIT);
	assert_int_equal(play.steps[2].wait, ms(1500));
	assert_true(play.steps[3].expect.silence);
	assert_int_equal(play.steps[3].expect.within, ms(500));
	assert_int_equal(play.steps[4].send.flags, FIN);
	assert_int_equal(play.steps[5].send.flags, 0);
	assert_int_equal(play.steps[6].send.seq.low, 7);
	assert_int_equal(play.steps[6].send.raw_ack.low, 9);
	assert_int_equal(play.steps[6].send.ttl.low, 3);
	assert_int_equal(play.steps[6].send.tos.low, 4);
	assert_int_equal(play.steps[6].send.urgent.low, 2);
	play_free(&play);
}

/* An empty list of options is none at all, and no list what the protocol wants. */
static void no_options(void **state)
{
	struct play play = parsed("S <>; < SA <>; PA [] data \"x\"; S; < SA");
	struct why why;

	(void)state;
	assert_int_equal(play.steps[0].send.lies, LIE_NO_OPTIONS);
	assert_true(play.steps[1].expect.any[0].without == WITHOUT_ANY);
	assert_int_equal(play.steps[2].send.lies, LIE_NO_OPTIONS);
	assert_int_equal(play.steps[3].send.lies, 0);
	assert_true(play.steps[4].expect.any[0].without == 0);
	play_free(&play);
	assert_int_equal(play_parse("--play", "S <> <>", &play, &why), -EINVAL);
	assert_non_null(strstr(why.text, "options were there before"));
}

static void repeats(void **state)
{
	struct play play = parsed("S; repeat 3 { data \"ab\"; repeat 2 A }; repeat 2 R");

	(void)state;
	assert_int_equal(play.count, 1 + 3 * 3 + 2);
	for (size_t i = 1; i < 10; i += 3) {
		assert_int_equal(play.steps[i].send.data.len, 2);
		assert_memory_equal(play.steps[i].send.data.at, "ab", 2);
		assert_int_equal(play.steps[i + 2].send.flags, ACK);
	}
	assert_int_equal(play.steps[11].send.flags, RST);
	play_free(&play);
}

static void errors_name_the_place(void **state)
{
	static const struct {
		const char *text, *why;
	} table[] = {
		{"", "--play '', character 1: no step"},
		{" ; # nothing", "--play ' ; # nothing', character 13: no step"},
		{"S; < ; A", "--play 'S; < ; A', character 6: ';' is no flag: S A F R P U E W, or "
			     "none"},
		{"S; X", "--play 'S; X', character 4: 'X' is no flag: S A F R P U E W, or none"},
		{"S; A foo", "--play 'S; A foo', character 6: 'f' is not understood here; steps "
			     "end with ;"},
		{"S\nA win 70000", "--play, line 2, character 7: at most 65535"},
		{"data \"x", "--play 'data \"x', character 6: this \" has no other one"},
		{"repeat 2 { S", "--play 'repeat 2 { S', character 7: this repeat has no }"},
		{"S }", "--play 'S }', character 3: this } has no {"},
		{"repeat 0 S", "--play 'repeat 0 S', character 9: repeat 0 times?"},
		{"repeat 3", "--play 'repeat 3', character 9: repeat what?"},
		{"wait", "--play 'wait', character 5: want a duration, like 500ms or 2s"},
		{"< SA within 0", "--play '< SA within 0', character 13: no time at all"},
		{"A data \"a\" data \"b\"", "--play 'A data \"a\" data \"b\"', character 16: data "
					    "was there before"},
	};
	struct play play;
	struct why why = {.text = ""};

	(void)state;
	for (size_t i = 0; i < CASES(table); i++) {
		assert_int_equal(play_parse("--play", table[i].text, &play, &why), -EINVAL);
		assert_string_equal(why.text, table[i].why);
	}
	assert_int_equal(play_parse("p", "repeat 1000 { repeat 2 S }", &play, &why), -EINVAL);
	assert_non_null(strstr(why.text, "more than 1000 steps"));
	assert_int_equal(play_parse("p", "repeat 1 {repeat 1 {repeat 1 {repeat 1 {repeat 1 {"
				    "repeat 1 {repeat 1 {repeat 1 {repeat 1 S}}}}}}}}",
				    &play, &why), -EINVAL);
	assert_non_null(strstr(why.text, "8 deep"));
}

static void a_reply_is_judged(void **state)
{
	static const struct {
		const char *want, *difference;
		unsigned flags;
		nanos rtt;
	} table[] = {
		{"SA within 100ms", "", SYN | ACK, ms(99)},
		{"SA within 100ms", "came after 101 ms, want it within 100 ms", SYN | ACK, ms(101)},
		{"SA about 1s", "", SYN | ACK, ms(1100)},
		{"SA about 1s", "came after 1.136 s, want after about 1 s [0.998 s, 1.135 s]",
		 SYN | ACK, ms(1136)},
		{"SA about 1s", "came after 900 ms, want after about 1 s [0.998 s, 1.135 s]",
		 SYN | ACK, ms(900)},
		{"R|RA", "", RST | ACK, 1},
		{"SA ack +1", "", SYN | ACK, 1},
		{"SA ack 101 seq 50", "", SYN | ACK, 1},
		{"silence", "want silence", SYN | ACK, 1},
	};
	const struct packet reply = {.kind = PACKET_TCP, .tcp = {.seq = 50, .ack = 101}};
	const uint32_t bases[2] = {50, 100};
	struct why why = {.text = ""};

	(void)state;
	for (size_t i = 0; i < CASES(table); i++) {
		struct expectation expect;
		struct match_report report;
		struct packet got = reply;
		struct heard heard;

		assert_int_equal(spell_expectation("--expect", table[i].want, &expect, &why), 0);
		got.tcp.flags = (uint16_t)table[i].flags;
		heard_fill_from(&got, bases, &heard);
		assert_int_equal(expectation_holds(&expect, &heard, table[i].rtt, &report),
				 !*table[i].difference);
		assert_string_equal(report.text, table[i].difference);
	}
}

static void expectations(void **state)
{
	struct expectation expect;
	struct match_report report;
	struct why why = {.text = ""};
	const struct heard rst = {.flags = RST, .checksum_good = true};

	(void)state;
	assert_int_equal(spell_expectation("--expect", "S|A|F|R|SA|FA|RA|P.|U.", &expect, &why),
			 -EINVAL);
	assert_non_null(strstr(why.text, "more than 8 ways"));
	assert_int_equal(spell_expectation("--expect", "SA len 5..4", &expect, &why), -EINVAL);
	assert_string_equal(why.text, "--expect 'SA len 5..4', character 12: 4 is less than 5");
	assert_int_equal(spell_expectation("--expect", "SA within", &expect, &why), -EINVAL);
	assert_int_equal(spell_expectation("--expect", "silence 2s", &expect, &why), 0);
	assert_true(expect.silence);
	assert_int_equal(expect.within, sec(2));
	assert_int_equal(spell_expectation("--expect", "SA about 2s", &expect, &why), 0);
	assert_int_equal(expect.when.kind, WINDOW_ABOUT);
	assert_int_equal(expect.within, ms(2260));
	assert_int_equal(spell_expectation("--expect", "SA about", &expect, &why), -EINVAL);
	assert_int_equal(spell_expectation("--expect", "icmp 3/1 within 2s", &expect, &why), 0);
	assert_true(expect.icmp && expect.type == 3 && expect.code == 1);
	assert_int_equal(expect.within, sec(2));
	assert_int_equal(spell_expectation("--expect", "icmp 3", &expect, &why), 0);
	assert_true(expect.icmp && expect.type == 3 && expect.code == ICMP_ANY);
	assert_int_equal(spell_expectation("--expect", "icmp 256", &expect, &why), -EINVAL);
	assert_int_equal(spell_expectation("--expect", "icmp 3/", &expect, &why), -EINVAL);
	assert_int_equal(spell_expectation("--expect", "icmp about 1s", &expect, &why), -EINVAL);
	assert_non_null(strstr(why.text, "within a time"));
	assert_int_equal(spell_expectation("--expect", "SA", &expect, &why), 0);
	assert_false(expectation_holds(&expect, &rst, 1, &report));
	assert_non_null(strstr(report.text, "S."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_conversation_in_one_line),
		cmocka_unit_test(from_a_file),
		cmocka_unit_test(no_options),
		cmocka_unit_test(repeats),
		cmocka_unit_test(errors_name_the_place),
		cmocka_unit_test(a_reply_is_judged),
		cmocka_unit_test(expectations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
