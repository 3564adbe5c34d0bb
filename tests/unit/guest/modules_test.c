/*
 * Which modules a guest loads, from a configuration and a modules.dep.
 */
#include "guest/kernel.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* cmocka has macros of the same names as a case's verbs. */
#undef expect
#undef expect_any
#undef check
#include <cmocka.h>

#define BUILT_IN "CONFIG_NET_NS=y\nCONFIG_PACKET=y\nCONFIG_UNIX=y\n"

static char folder[] = "/tmp/lastack-modules-XXXXXX";

static int folder_make(void **state)
{
	char path[64];
	FILE *file;

	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/modules.dep", folder);
	file = fopen(path, "w");
	if (!file)
		return -1;
	fputs("kernel/net/other.ko: kernel/net/ipv6/ipv6.ko kernel/lib/crc.ko\n"
	      "no colon here\n"
	      "kernel/drivers/net/veth.ko:\n"
	      "kernel/net/ipv6/ipv6.ko: kernel/lib/second.ko kernel/lib/crc.ko\n"
	      "kernel/many/ipv6.ko.old: kernel/wrong.ko\n",
	      file);
	return fclose(file);
}

static int folder_remove(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/modules.dep", folder);
	return unlink(path) || rmdir(folder);
}

static void what_is_built_in_needs_no_module(void **state)
{
	struct guest_kernel kernel = {.name = (char *)(uintptr_t) "k"};

	(void)state;
	assert_int_equal(modules_find(&kernel, BUILT_IN "CONFIG_VETH=y\nCONFIG_IPV6=y\n", NULL,
				      NULL),
			 0);
	assert_null(kernel.modules[0]);
}

static void a_module_comes_after_what_it_needs(void **state)
{
	struct guest_kernel *kernel = calloc(1, sizeof(*kernel));
	static const char *const want[] = {"kernel/drivers/net/veth.ko", "kernel/lib/crc.ko",
					   "kernel/lib/second.ko", "kernel/net/ipv6/ipv6.ko"};
	char path[128];

	(void)state;
	assert_non_null(kernel);
	kernel->name = strdup("k");
	assert_int_equal(
		modules_find(kernel, BUILT_IN "CONFIG_VETH=m\nCONFIG_IPV6=m", folder, NULL), 0);
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, want[i]);
		assert_string_equal(kernel->modules[i], path);
	}
	assert_null(kernel->modules[4]);
	guest_free(kernel);
}

static void what_a_lab_cannot_do_without_is_told(void **state)
{
	static const char *const configs[] = {
		"", BUILT_IN, BUILT_IN "# CONFIG_VETH is not set\n", BUILT_IN "CONFIG_VETH=n\n",
		"CONFIG_NET_NS=m\nCONFIG_PACKET=y\nCONFIG_UNIX=y\nCONFIG_VETH=y\n",
		/* A module that modules.dep does not have. */
		"CONFIG_NET_NS=y\nCONFIG_PACKET=m\nCONFIG_UNIX=y\nCONFIG_VETH=y\n",
		BUILT_IN "CONFIG_VETH_MORE=y\nXCONFIG_VETH=y\nCONFIG_VETH=yes\n"};
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		struct guest_kernel kernel = {.name = (char *)(uintptr_t) "k"};

		if (modules_find(&kernel, configs[i], folder, &why) != -ENOENT)
			fail_msg("taken: %s", configs[i]);
		assert_non_null(strstr(why.text, "CONFIG_"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_built_in_needs_no_module),
		cmocka_unit_test(a_module_comes_after_what_it_needs),
		cmocka_unit_test(what_a_lab_cannot_do_without_is_told),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
