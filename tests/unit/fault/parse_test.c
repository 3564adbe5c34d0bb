/* The text form of each fault, and of what is none. */
#include "fault/fault.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static struct fault good(const char *text)
{
	struct why why = {""};
	struct fault out;

	if (fault_parse(text, &out, &why))
		fail_msg("%s", why.text);
	return out;
}

static void forms_are_read(void **state)
{
	struct fault fault;

	(void)state;
	fault = good("loss 3%");
	assert_int_equal(fault.kind, FAULT_LOSS);
	assert_float_equal(fault.rate, 0.03, 1e-9);
	fault = good("duplicate 0.5%");
	assert_int_equal(fault.kind, FAULT_DUPLICATE);
	assert_float_equal(fault.rate, 0.005, 1e-9);
	fault = good("  delay\t40ms ");
	assert_int_equal(fault.kind, FAULT_DELAY);
	assert_true(fault.time == ms(40));
	fault = good("jitter 1.5s");
	assert_int_equal(fault.kind, FAULT_JITTER);
	assert_true(fault.time == ms(1500));
	fault = good("merge 65535 500us");
	assert_int_equal(fault.kind, FAULT_MERGE);
	assert_int_equal(fault.bytes, 65535);
	assert_true(fault.time == us(500));
	fault = good("burst-loss 20% 4");
	assert_int_equal(fault.kind, FAULT_BURST_LOSS);
	assert_float_equal(fault.burst.begin, 0.0625, 1e-9);
	assert_float_equal(fault.burst.end, 0.25, 1e-9);
	assert_float_equal(fault.burst.lost_bad, 1, 1e-9);
	assert_float_equal(fault.burst.lost_good, 0, 1e-9);
}

static void others_are_refused(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{"", "no fault ''"},
		{"los 3%", "no fault 'los'"},
		{"loss", "'loss RATE'"},
		{"loss 3% 4", "'loss RATE'"},
		{"loss 3", "'3' is no rate"},
		{"loss 101%", "'101%' is no rate"},
		{"loss -1%", "'-1%' is no rate"},
		{"loss nan%", "'nan%' is no rate"},
		{"loss 0x10%", "'0x10%' is no rate"},
		{"loss 1e1%", "'1e1%' is no rate"},
		{"loss %", "'%' is no rate"},
		{"burst-loss 3%", "'burst-loss RATE LENGTH'"},
		{"burst-loss 3% 0.5", "'0.5' is no mean length"},
		{"burst-loss 100% 5", "cannot make"},
		{"burst-loss 60% 1", "cannot make"},
		{"delay 40", "'40' is no time"},
		{"delay 40m", "'40m' is no time"},
		{"delay 3601s", "'3601s' is no time"},
		{"delay 1.2.3ms", "'1.2.3ms' is no time"},
		{"merge 1500", "'merge BYTES TIME'"},
		{"merge 99 1ms", "'99' is no length"},
		{"merge 65536 1ms", "'65536' is no length"},
		{"merge 1500 x", "'x' is no time"},
		{"delay 1ms 2 3 4 5 6", "'delay TIME'"},
		{"delay 000000000000000000000000000000000000040ms", "'delay TIME'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct why why = {""};
		struct fault out;

		assert_int_equal(fault_parse(rows[i].text, &out, &why), -EINVAL);
		if (!strstr(why.text, rows[i].says))
			fail_msg("'%s': \"%s\" does not say \"%s\"", rows[i].text, why.text,
				 rows[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_are_read),
		cmocka_unit_test(others_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
