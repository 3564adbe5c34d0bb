/*
 * Which modules a guest loads, from a configuration, the list of modules and what they say.
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
#include <sys/stat.h>
#include <unistd.h>

/* cmocka has macros of the same names as a case's verbs. */
#undef expect
#undef expect_any
#undef check
#include <cmocka.h>

#define BUILT_IN "CONFIG_NET_NS=y\nCONFIG_PACKET=y\nCONFIG_UNIX=y\n"

static char folder[] = "/tmp/lastack-modules-XXXXXX";

static const struct {
	const char *path;
	const char *depends; /* as a module says it; NULL: it says nothing */
} files[] = {
	{"kernel/veth.ko", ""},
	{"kernel/ipv6.ko", "second,first_of_all"},
	{"kernel/second.ko", "first_of_all,not_there"},
	{"kernel/first-of-all.ko", NULL},
	{"kernel/af_packet.ko", "round"},
	{"kernel/round.ko", "af_packet"},
};
#define FILES (sizeof(files) / sizeof(files[0]))

static int module_write(const char *path, const char *depends)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return -1;
	fputs("\177ELF and the like", file);
	if (depends) {
		fwrite("\0depends=", 9, 1, file);
		fwrite(depends, strlen(depends) + 1, 1, file);
	}
	fwrite("depends=wrong", 14, 1, file);
	return fclose(file);
}

static int folder_make(void **state)
{
	char path[64];
	FILE *list;

	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/kernel", folder);
	if (mkdir(path, 0755))
		return -1;
	snprintf(path, sizeof(path), "%s/modules.order", folder);
	list = fopen(path, "w");
	if (!list)
		return -1;
	fputs("kernel/ipv6.ko.old\nno module\nkernel/many/ipv6.ko\n", list);
	for (size_t i = 0; i < FILES; i++) {
		fprintf(list, "%s\n", files[i].path);
		snprintf(path, sizeof(path), "%s/%s", folder, files[i].path);
		if (module_write(path, files[i].depends))
			return -1;
	}
	return fclose(list);
}

static int folder_remove(void **state)
{
	char path[64];

	(void)state;
	for (size_t i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i].path);
		if (unlink(path))
			return -1;
	}
	snprintf(path, sizeof(path), "%s/kernel", folder);
	if (rmdir(path))
		return -1;
	snprintf(path, sizeof(path), "%s/modules.order", folder);
	return unlink(path) || rmdir(folder);
}

static void what_is_built_in_needs_no_module(void **state)
{
	struct guest_kernel kernel = {.name = (char *)(uintptr_t) "k"};

	(void)state;
	assert_int_equal(modules_find(&kernel, MODULES_LAB,
				      BUILT_IN "CONFIG_VETH=y\nCONFIG_IPV6=y\n", NULL, NULL),
			 0);
	assert_null(kernel.modules[0]);
}

static void a_module_comes_after_what_it_needs(void **state)
{
	struct guest_kernel *kernel = calloc(1, sizeof(*kernel));
	static const char *const want[] = {"kernel/veth.ko", "kernel/first-of-all.ko",
					   "kernel/second.ko", "kernel/ipv6.ko"};
	char path[128];

	(void)state;
	assert_non_null(kernel);
	kernel->name = strdup("k");
	assert_int_equal(modules_find(kernel, MODULES_LAB, BUILT_IN "CONFIG_VETH=m\nCONFIG_IPV6=m",
				      folder, NULL),
			 0);
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
		/* A module that the list does not have. */
		"CONFIG_NET_NS=y\nCONFIG_PACKET=y\nCONFIG_UNIX=m\nCONFIG_VETH=y\n",
		BUILT_IN "CONFIG_VETH_MORE=y\nXCONFIG_VETH=y\nCONFIG_VETH=yes\n"};
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		struct guest_kernel kernel = {.name = (char *)(uintptr_t) "k"};

		if (modules_find(&kernel, MODULES_LAB, configs[i], folder, &why) != -ENOENT)
			fail_msg("taken: %s", configs[i]);
		assert_non_null(strstr(why.text, "CONFIG_"));
	}
}

static void without_a_configuration_the_modules_that_are_there_count(void **state)
{
	struct guest_kernel *kernel = calloc(1, sizeof(*kernel));
	struct guest_kernel none = {.name = (char *)(uintptr_t) "k"};
	char path[128];

	(void)state;
	assert_non_null(kernel);
	kernel->name = strdup("k");
	snprintf(path, sizeof(path), "%s/kernel/af_packet.ko", folder);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(modules_find(kernel, MODULES_LAB, NULL, folder, NULL), 0);
	assert_int_equal(module_write(path, "round"), 0);
	assert_non_null(strstr(kernel->modules[0], "/veth.ko"));
	assert_non_null(strstr(kernel->modules[3], "/ipv6.ko"));
	assert_null(kernel->modules[4]);
	assert_int_equal(modules_find(&none, MODULES_CHANNEL, NULL, NULL, NULL), 0);
	assert_null(none.modules[0]);
	guest_free(kernel);
}

static void modules_that_need_each_other_are_refused(void **state)
{
	struct guest_kernel *kernel = calloc(1, sizeof(*kernel));
	struct why why;

	(void)state;
	assert_non_null(kernel);
	kernel->name = strdup("k");
	assert_int_equal(modules_find(kernel, MODULES_LAB,
				      "CONFIG_NET_NS=y\nCONFIG_PACKET=m\nCONFIG_UNIX=y\n"
				      "CONFIG_VETH=y\n",
				      folder, &why),
			 -ELOOP);
	guest_free(kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_built_in_needs_no_module),
		cmocka_unit_test(a_module_comes_after_what_it_needs),
		cmocka_unit_test(what_a_lab_cannot_do_without_is_told),
		cmocka_unit_test(without_a_configuration_the_modules_that_are_there_count),
		cmocka_unit_test(modules_that_need_each_other_are_refused),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
