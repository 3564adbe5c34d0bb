/*
 * Options: every constructor's bytes, the 40 bytes' limit, and reading lists that lie.
 */
#include "frames.h"

/* One option and the bytes that its RFC gives it. */
static void bytes_are(struct option option, const void *want, size_t n)
{
	uint8_t out[OPTION_BYTES_MAX];
	size_t len;

	assert_true(option.used);
	assert_int_equal(options_encode(&option, 1, out, &len), 0);
	assert_int_equal(len, n);
	assert_memory_equal(out, want, n);
}

#define BYTES_ARE(option, ...)                                                                     \
	bytes_are(option, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void every_kind_is_encoded(void **state)
{
	const uint32_t edges[] = {1, 0x102, 0xfffffffe, 3};
	const uint8_t digest[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

	(void)state;
	BYTES_ARE(opt_eol(), 0);
	BYTES_ARE(opt_nop(), 1);
	BYTES_ARE(opt_mss(1460), 2, 4, 0x05, 0xb4);
	BYTES_ARE(opt_wscale(14), 3, 3, 14);
	BYTES_ARE(opt_sack_permitted(), 4, 2);
	BYTES_ARE(opt_sack(edges, 4), 5, 18, 0, 0, 0, 1, 0, 0, 1, 2, 0xff, 0xff, 0xff, 0xfe, 0, 0,
		  0, 3);
	BYTES_ARE(opt_sack(NULL, 0), 5, 2);
	BYTES_ARE(opt_timestamps(0x01020304, 0xfffefdfc), 8, 10, 1, 2, 3, 4, 0xff, 0xfe, 0xfd,
		  0xfc);
	BYTES_ARE(opt_md5(digest), 19, 18, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
	BYTES_ARE(opt_user_timeout(true, 0x1234), 28, 4, 0x92, 0x34);
	BYTES_ARE(opt_user_timeout(false, 0xffff), 28, 4, 0x7f, 0xff);
	BYTES_ARE(opt_fast_open(NULL, 0), 34, 2);
	BYTES_ARE(opt_fast_open(digest, 8), 34, 10, 1, 2, 3, 4, 5, 6, 7, 8);
	BYTES_ARE(opt_raw(OPTION_MPTCP, 4, digest, 2), 30, 4, 1, 2);
	BYTES_ARE(opt_raw(253, 5, "abc", 3), 253, 5, 'a', 'b', 'c');
}

static void lengths_may_lie(void **state)
{
	(void)state;
	BYTES_ARE(opt_raw(OPTION_MSS, 0, "\1\2", 2), 2, 0, 1, 2);
	BYTES_ARE(opt_raw(OPTION_MSS, 255, "\1\2", 2), 2, 255, 1, 2);
	BYTES_ARE(opt_raw(OPTION_WSCALE, 4, NULL, 1), 3, 4, 0);
	/* EOL and NOP have neither length nor value. */
	BYTES_ARE(opt_raw(OPTION_NOP, 7, "ab", 2), 1);
	BYTES_ARE(opt_raw(OPTION_EOL, 7, "ab", 2), 0);
}

static void forty_bytes_fit_and_no_more(void **state)
{
	struct option list[OPTIONS_MAX] = {opt_raw(99, 38, pattern(36).at, 36), opt_nop(),
					   opt_nop()};
	uint8_t out[OPTION_BYTES_MAX] = {0};
	size_t len = 77;

	(void)state;
	assert_int_equal(options_encode(list, OPTIONS_MAX, out, &len), 0);
	assert_int_equal(len, 40);
	list[3] = opt_nop();
	len = 77;
	out[0] = 9;
	assert_int_equal(options_encode(list, OPTIONS_MAX, out, &len), -ENOSPC);
	/* Outputs stay as they were. */
	assert_int_equal(len, 77);
	assert_int_equal(out[0], 9);
}

static void constructors_refuse_too_much(void **state)
{
	const uint32_t edges[10] = {0};
	const struct option refused[] = {
		opt_sack(edges, 10),	    opt_sack(edges, 3),		  opt_fast_open(edges, 17),
		opt_raw(99, 41, edges, 39), opt_raw(99, 41, edges, 1000),
	};
	uint8_t out[OPTION_BYTES_MAX];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_int_equal(options_encode(&refused[i], 1, out, &len), -ENOSPC);
	BYTES_ARE(opt_raw(99, 40, NULL, 38), 99, 40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

static void unused_places_take_no_room(void **state)
{
	struct option list[OPTIONS_MAX] = {{.used = false}};
	uint8_t out[OPTION_BYTES_MAX];
	size_t len = 1;

	(void)state;
	assert_int_equal(options_encode(list, OPTIONS_MAX, out, &len), 0);
	assert_int_equal(len, 0);
	list[7] = opt_wscale(3);
	assert_int_equal(options_encode(list, OPTIONS_MAX, out, &len), 0);
	assert_int_equal(len, 3);
}

/* Decode a heap copy without a byte to spare. */
static struct heard_options decoded(const uint8_t *bytes, size_t n)
{
	struct heard_options out;
	uint8_t *copy = malloc(n ? n : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, n);
	options_decode(n ? copy : copy + 1, n, &out);
	free(copy);
	return out;
}

static void what_was_encoded_is_decoded(void **state)
{
	const uint32_t edges[] = {10, 20, 30, 40};
	const struct option list[] = {opt_mss(536),	  opt_wscale(7),
				      opt_nop(),	  opt_timestamps(0xdeadbeef, 0x01020304),
				      opt_sack(edges, 4), opt_sack_permitted()};
	uint8_t bytes[OPTION_BYTES_MAX];
	struct heard_options out;
	size_t len;

	(void)state;
	assert_int_equal(options_encode(list, 6, bytes, &len), 0);
	out = decoded(bytes, len);
	assert_int_equal(out.size, len);
	assert_memory_equal(out.bytes, bytes, len);
	assert_false(out.malformed);
	assert_int_equal(out.kinds, WITHOUT(2) | WITHOUT(3) | WITHOUT(1) | WITHOUT(8) | WITHOUT(5) |
					    WITHOUT(4));
	assert_int_equal(out.mss, 536);
	assert_int_equal(out.wscale, 7);
	assert_int_equal(out.tsval, 0xdeadbeef);
	assert_int_equal(out.tsecr, 0x01020304);
	assert_int_equal(out.sack_blocks, 2);
	assert_memory_equal(out.sack, edges, sizeof(edges));
}

static void a_list_cut_anywhere_is_read_up_to_there(void **state)
{
	const struct option list[] = {opt_mss(536), opt_timestamps(1, 2), opt_wscale(7)};
	const size_t ends[] = {4, 14, 17};
	const uint64_t kinds[] = {WITHOUT(2), WITHOUT(2) | WITHOUT(8),
				  WITHOUT(2) | WITHOUT(8) | WITHOUT(3)};
	uint8_t bytes[OPTION_BYTES_MAX];
	size_t len;

	(void)state;
	assert_int_equal(options_encode(list, 3, bytes, &len), 0);
	assert_int_equal(len, 17);
	for (size_t n = 0; n <= len; n++) {
		struct heard_options out = decoded(bytes, n);
		uint64_t want = 0;
		bool whole = n == 0;

		for (size_t i = 0; i < 3; i++) {
			if (ends[i] <= n)
				want = kinds[i];
			whole = whole || ends[i] == n;
		}
		assert_int_equal(out.kinds, want);
		assert_int_equal(out.malformed, !whole);
	}
}

static void lengths_that_lie_are_flagged(void **state)
{
	static const struct {
		uint8_t n, bytes[12];
		uint64_t kinds; /* what stood before the lie */
	} rows[] = {
		{1, {2}, 0},		/* no length byte */
		{4, {2, 0, 5, 180}, 0}, /* zero: would never end */
		{4, {2, 1, 5, 180}, 0},
		{4, {2, 5, 5, 180}, 0}, /* past the end */
		{4, {2, 255, 5, 180}, 0},
		{3, {2, 3, 5}, 0}, /* legal, but no MSS has 3 */
		{6, {2, 6, 5, 180, 0, 0}, 0},
		{4, {3, 4, 7, 0}, 0}, /* window scale */
		{2, {3, 2}, 0},
		{3, {4, 3, 0}, 0}, /* SACK permitted */
		{2, {5, 2}, 0},	   /* SACK without a block */
		{6, {5, 6, 0, 0, 0, 0}, 0},
		{12, {5, 12}, 0},
		{9, {8, 9}, 0}, /* timestamps */
		{12, {8, 12}, 0},
		{4, {19, 4, 0, 0}, 0}, /* MD5 */
		{3, {28, 3, 0}, 0},    /* user timeout */
		{4, {34, 4, 1, 2}, 0}, /* a cookie of 2 bytes */
		{7, {34, 7}, 0},       /* an odd cookie */
		{6, {1, 3, 3, 7, 99, 0}, WITHOUT(1) | WITHOUT(3)},
		{5, {253, 9, 0, 0, 0}, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct heard_options out = decoded(rows[i].bytes, rows[i].n);

		assert_true(out.malformed);
		assert_int_equal(out.kinds, rows[i].kinds);
		assert_int_equal(out.size, rows[i].n);
	}
}

static void unknown_kinds_are_passed_over(void **state)
{
	const uint8_t bytes[] = {63, 3, 1, 64, 2, 253, 4, 1, 2, 2, 4, 0, 99};
	struct heard_options out = decoded(bytes, sizeof(bytes));

	(void)state;
	assert_false(out.malformed);
	/* Only kinds below 64 have a bit. */
	assert_int_equal(out.kinds, WITHOUT(63) | WITHOUT(2));
	assert_int_equal(out.mss, 99);
}

static void reading_stops_at_eol(void **state)
{
	const uint8_t bytes[] = {1, 0, 2, 4, 5, 180, 2, 0};
	struct heard_options out = decoded(bytes, sizeof(bytes));

	(void)state;
	assert_false(out.malformed);
	assert_int_equal(out.kinds, WITHOUT(0) | WITHOUT(1));
	assert_int_equal(out.size, 8);
}

static void more_than_a_header_holds_is_not_read(void **state)
{
	uint8_t bytes[64];
	struct heard_options out;

	(void)state;
	memset(bytes, OPTION_NOP, sizeof(bytes));
	bytes[40] = 2;
	out = decoded(bytes, sizeof(bytes));
	assert_int_equal(out.size, 40);
	assert_false(out.malformed);
}

static void sizes_are_told(void **state)
{
	(void)state;
	assert_int_equal(option_size((const uint8_t[]){0}, 1), 1);
	assert_int_equal(option_size((const uint8_t[]){1, 9}, 2), 1);
	assert_int_equal(option_size((const uint8_t[]){2, 4, 0, 0}, 4), 4);
	assert_int_equal(option_size((const uint8_t[]){2, 4, 0}, 3), 0);
	assert_int_equal(option_size((const uint8_t[]){2, 1}, 2), 0);
	assert_int_equal(option_size((const uint8_t[]){2}, 1), 0);
	assert_int_equal(option_size(NULL, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_encoded),
		cmocka_unit_test(lengths_may_lie),
		cmocka_unit_test(forty_bytes_fit_and_no_more),
		cmocka_unit_test(constructors_refuse_too_much),
		cmocka_unit_test(unused_places_take_no_room),
		cmocka_unit_test(what_was_encoded_is_decoded),
		cmocka_unit_test(a_list_cut_anywhere_is_read_up_to_there),
		cmocka_unit_test(lengths_that_lie_are_flagged),
		cmocka_unit_test(unknown_kinds_are_passed_over),
		cmocka_unit_test(reading_stops_at_eol),
		cmocka_unit_test(more_than_a_header_holds_is_not_read),
		cmocka_unit_test(sizes_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
