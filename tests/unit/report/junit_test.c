/* The JUnit report: well-formed, valid against the schema beside this file, and true. */
#include "sample.h"
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxml/xpath.h>

static xmlDocPtr document;
static xmlXPathContextPtr context;

/* Parse the report and hold it against the schema. */
static void load(struct sample *sample)
{
	xmlSchemaParserCtxtPtr parser =
		xmlSchemaNewParserCtxt(LASTACK_TESTS "/unit/report/junit.xsd");
	xmlSchemaPtr schema = xmlSchemaParse(parser);
	xmlSchemaValidCtxtPtr valid = xmlSchemaNewValidCtxt(schema);

	assert_non_null(schema);
	assert_non_null(valid);
	document = xmlReadMemory(sample->text, (int)sample->len, "report.xml", NULL,
	                         XML_PARSE_NONET);
	assert_non_null(document);
	assert_int_equal(xmlSchemaValidateDoc(valid, document), 0);
	context = xmlXPathNewContext(document);
	assert_non_null(context);
	xmlSchemaFreeValidCtxt(valid);
	xmlSchemaFree(schema);
	xmlSchemaFreeParserCtxt(parser);
}

static int unload(void **state)
{
	(void)state;
	xmlXPathFreeContext(context);
	xmlFreeDoc(document);
	context = NULL;
	document = NULL;
	return 0;
}

static void report(bool strict, bool ladders)
{
	struct sample sample;

	sample_open(&sample, "junit", (struct reporter_options){.ladders = ladders});
	sample_all(sample.reporter, strict);
	fflush(sample.file);
	assert_int_equal(sample.len, 0);
	sample_finish(&sample);
	load(&sample);
	sample_free(&sample);
}

/* The value of an XPath expression, as text. */
static void assert_path(const char *path, const char *want)
{
	xmlXPathObjectPtr object = xmlXPathEval((const xmlChar *)path, context);
	xmlChar *text_ = object ? xmlXPathCastToString(object) : NULL;

	assert_non_null(text_);
	if (strcmp((const char *)text_, want) != 0)
		fail_msg("%s is \"%s\", not \"%s\"", path, (const char *)text_, want);
	xmlFree(text_);
	xmlXPathFreeObject(object);
}

#define TESTCASE(classname, name) "//testcase[@classname='" classname "'][@name='" name "']"

static void suites_are_families(void **state)
{
	(void)state;
	report(false, false);
	assert_path("count(/testsuites/testsuite)", "6");
	assert_path("string(/testsuites/@tests)", "9");
	assert_path("string(/testsuites/@failures)", "2");
	assert_path("string(/testsuites/@errors)", "2");
	assert_path("string(/testsuites/@time)", "60.500");
	assert_path("string(//testsuite[@name='close']/@tests)", "3");
	assert_path("string(//testsuite[@name='close']/@failures)", "1");
	assert_path("string(//testsuite[@name='close']/@errors)", "1");
	assert_path("string(//testsuite[@name='close']/@skipped)", "0");
	assert_path("string(//testsuite[@name='close']/@time)", "1.000");
	assert_path("string(//testsuite[@name='wait']/@skipped)", "1");
	assert_path("string(//testsuite[@name='open']//property[@name='kernel']/@value)",
	            "Linux 6.1");
	assert_path("count(//testsuite[not(properties/property[@name='requirements MUST'])])", "0");
	/* A suite counts the requirements of its own cases. */
	assert_path("string(//testsuite[@name='mss']//property[@name='requirements MUST']/@value)",
		    "1 of 1 judged: 0 kept, 1 broken");
	assert_path("string(//testsuite[@name='open']//property[@name='requirements MUST']/@value)",
		    "1 of 1 judged: 1 kept, 0 broken");
	assert_path("string(//testsuite[@name='isn']//property[@name='requirements MUST']/@value)",
		    "0 of 0 judged: 0 kept, 0 broken");
	assert_path("string(//testsuite[@name='mss']//property[@name='requirements SHOULD']"
		    "/@value)", "0 of 0 judged: 0 kept, 0 broken");
	assert_path("count(//property[@name='wall-seconds'])", "0");
	assert_path("count(//testsuite[count(testcase) != @tests])", "0");
	assert_path("count(//testsuite[count(testcase/failure) != @failures])", "0");
	assert_path("count(//testsuite[count(testcase/error) != @errors])", "0");
	assert_path("count(//testsuite[count(testcase/skipped) != @skipped])", "0");
}

static void outcomes_are_mapped(void **state)
{
	(void)state;
	report(false, false);
	assert_path("count(" TESTCASE("open", "three_way ipv4") "/*)", "0");
	assert_path("string(" TESTCASE("open", "three_way ipv4") "/@time)", "0.004");
	/* Only the second try counts. */
	assert_path("count(" TESTCASE("open", "three_way ipv6") ")", "1");
	assert_path("count(" TESTCASE("open", "three_way ipv6") "/*)", "0");
	assert_path("string(" TESTCASE("open", "three_way ipv6") "/@time)", "0.002");
	assert_path("string(" TESTCASE("mss", "absent ipv4") "/failure/@message)",
	            "want len 1..536, got 1460");
	assert_path("string(" TESTCASE("mss", "absent ipv4") "/failure/@type)", "fail");
	assert_path("string(" TESTCASE("isn", "slope ipv4") "/skipped/@message)", "needs an agent");
	assert_path("string(" TESTCASE("wait", "two_msl ipv4") "/skipped/@message)",
	            "expected: 60 s on Linux");
	assert_path("contains(" TESTCASE("wait", "two_msl ipv4") "/system-out,"
	            "'message: want 240 s, got 60 s')", "true");
	assert_path("count(" TESTCASE("close", "should ipv4") "/*)", "1");
	assert_path("contains(" TESTCASE("close", "should ipv4") "/system-out,"
	            "'verdict: deviation')", "true");
	assert_path("string(" TESTCASE("close", "surprise ipv4") "/failure/@message)",
	            "passed, and was not expected to: it never works");
	assert_path("string(" TESTCASE("close", "late ipv4") "/error/@type)", "inconclusive");
	assert_path("string(" TESTCASE("wire", "hostile ipv4") "/error/@type)", "error");
	assert_path("string(" TESTCASE("wire", "hostile ipv4") "/error/@message)",
	            "\\x1b[31mred\\x07 <&\"'> # ok \\xff\\xc2\\x9b\\xed\\xa0\\x80\\ \xc3\xa9");
}

static void a_failure_tells_its_story(void **state)
{
	(void)state;
	report(false, false);
	assert_path("string(" TESTCASE("mss", "absent ipv4") "/failure)",
		"verdict: fail\n"
		"message: want len 1..536, got 1460\n"
		"claim: the claim\n"
		"requirement: RFC9293 MUST-15\n"
		"level: MUST\n"
		"sentence: The sentence.\n"
		"place: cases/area/family.c:12\n"
		"evidence: ev/mss.absent-ipv4\n"
		"again: lastack run mss.absent\n");
	assert_path("string(" TESTCASE("mss", "absent ipv4") "/system-out)",
		"     seconds peer              DUT\n"
		"    0.000000  |------- S ------>|  seq 0\n"
		"    0.000041  |<----- S. -------|  seq 0 ack 1\n"
		" !! 0.090000  |<------ . -------|  len 1460\n"
		"              |                 |  expected: . len 1..536\n");
}

static void strict_makes_a_deviation_fail(void **state)
{
	(void)state;
	report(true, false);
	assert_path("string(" TESTCASE("close", "should ipv4") "/failure/@type)", "deviation");
	assert_path("string(/testsuites/@failures)", "3");
}

static void ladders_can_be_of_every_case(void **state)
{
	(void)state;
	report(false, true);
	assert_path("contains(" TESTCASE("open", "three_way ipv4") "/system-out, '- S -')", "true");
}

/* What was cut short is an error, and what was never asked for leaves a valid report. */
static void an_interrupted_case_is_an_error(void **state)
{
	struct sample sample;

	(void)state;
	sample_open(&sample, "junit", (struct reporter_options){.ladders = false});
	sample_case(sample.reporter, 1, "a.b", "ipv4");
	sample_summary(sample.reporter, 2, (struct event_summary){.interrupted = true});
	sample_finish(&sample);
	load(&sample);
	assert_path("string(" TESTCASE("a", "b ipv4") "/error/@type)", "interrupted");
	assert_path("string(/testsuites/@errors)", "1");
	sample_free(&sample);
}

static void an_empty_run_is_valid(void **state)
{
	struct sample sample;

	(void)state;
	sample_open(&sample, "junit", (struct reporter_options){.ladders = false});
	sample_finish(&sample);
	load(&sample);
	assert_path("string(/testsuites/@tests)", "0");
	sample_free(&sample);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, unload)
	const struct CMUnitTest tests[] = {
		TEST(suites_are_families),
		TEST(outcomes_are_mapped),
		TEST(a_failure_tells_its_story),
		TEST(strict_makes_a_deviation_fail),
		TEST(ladders_can_be_of_every_case),
		TEST(an_interrupted_case_is_an_error),
		TEST(an_empty_run_is_valid),
	};
	int result = cmocka_run_group_tests(tests, NULL, NULL);

	xmlCleanupParser();
	return result;
}
