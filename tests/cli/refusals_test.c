/*
 * A refused option is named with its value and the way out, in one line.
 */
#include "called.h"

static const struct {
	const char *line, *says[3];
} refused[] = {
	/* An empty value is seen as such. */
	{"run --over=", {"--over ''", "ipv4 or ipv6"}},
	{"run --jobs=", {"--jobs ''", "from 1"}},
	{"run --seed=", {"--seed ''", "number"}},
	{"run --time-scale=", {"--time-scale ''", "from 1"}},
	{"run --sysctl=", {"--sysctl ''", "NAME=VALUE"}},
	{"run --format=", {"--format ''", "pretty, tap"}},
	{"run --show=", {"--show ''", "unexpected"}},
	{"run --stack=", {"--stack ''", "lwip, slirp or gvisor"}},
	{"run --profile=", {"--profile ''", "linux, none"}},
	{"run --kernels=", {"--kernels ''", "uml,host"}},
	{"run --kernel=", {"--kernel ''", "uml"}},
	{"run --evidence=", {"--evidence ''", "folder"}},
	{"run --target=", {"--target ''", "address or name"}},
	{"run --target 10.0.0.2 --port=", {"--port ''", "65535"}},
	{"run --target 10.0.0.2 --rate=", {"--rate ''", "1000000"}},
	{"run --target 10.0.0.2 --service=", {"--service ''", "echo"}},
	{"run --target 10.0.0.2 --interface=", {"--interface ''", "name"}},
	{"run --target 10.0.0.2 --source=", {"--source ''", "own"}},
	{"run --target 10.0.0.2 --token=", {"--token ''", "file"}},
	{"run --target 10.0.0.2 --port 80 --path=", {"--path ''", "direct"}},
	{"run --target 10.0.0.2 --port 80 --path long", {"--path long", "want direct"}},
	{"run --path direct", {"--path", "--target"}},
	{"run --no-filter", {"--no-filter", "--target"}},
	{"agent --listen 127.0.0.1:0 --token=", {"--token ''", "file"}},
	{"run -4 -6", {"-4", "-6", "exclude each other"}},
	{"list --format=", {"--format ''", "pretty or json"}},
	{"agent --listen 127.0.0.1:0 --token %/t --allow-sysctl=", {"--allow-sysctl ''", "net."}},
	/* Values that cannot be meant. */
	{"agent --listen 127.0.0.1:0 --token %/t --allow-sysctl nosuch.thing",
	 {"--allow-sysctl nosuch.thing", "below net.", "net.ipv4.tcp_syncookies"}},
	{"agent --listen 127.0.0.1:0 --token %/t --allow-sysctl ,",
	 {"--allow-sysctl ,", "below net.", "net.ipv4.tcp_syncookies"}},
	{"agent --listen 127.0.0.1:0 --token %/t --allow-sysctl net.a,,net.b",
	 {"--allow-sysctl net.a,,net.b", "below net."}},
	/* The kernel would read the number and ignore the rest. */
	{"run --sysctl net.ipv4.tcp_ecn=1\nb", {"net.ipv4.tcp_ecn=1 b", "control character"}},
	{"probe --lab 80 --sysctl net.ipv4.tcp_ecn=1\nb",
	 {"net.ipv4.tcp_ecn=1 b", "control character"}},
	{"probe --lab 80 --sysctl net.ipv4.tcp_ecn=", {"net.ipv4.tcp_ecn=", "NAME=VALUE"}},
	{"run --sysctl kernel.hostname=x", {"kernel.hostname=x", "only net.*"}},
	{"run --format xml", {"--format xml", "junit"}},
	{"run --profile nowhere", {"--profile 'nowhere'", "linux, none", "a file"}},
	{"run --profile /tmp", {"--profile /tmp", "directory"}},
	{"run --kernel host", {"--kernel host", "without --kernel"}},
	{"run --kernel nowhere", {"--kernel nowhere", "No such file", "uml, a path or qemu:PATH"}},
	{"run --target 127.0.0.9 -6 --port 80", {"--target 127.0.0.9", "IPv4 address", "-6"}},
	{"run --target fe80::1 -4 --port 80", {"--target fe80::1", "IPv6 address", "-4"}},
	{"run --target 10.2.0.2:80", {"--target 10.2.0.2:80", "address alone", "--port 80"}},
	{"run --target [fd00::2]:80", {"--target [fd00::2]:80", "address alone", "--port 80"}},
	{"run --target host.example:443", {"host.example:443", "--port 443"}},
	{"run --target [fe80::1%nowhere7 --port 80", {"--target [fe80::1%nowhere7", "bracket"}},
	{"run --target 10.0.0.2", {"--target 10.0.0.2", "--port", "--agent"}},
	{"run --target 10.0.0.2 --port 80 --closed-port 80",
	 {"--closed-port 80", "same", "listens"}},
	/* Options that exclude each other, by the names that were typed. */
	{"run --target 10.0.0.2 --port 80 --kernel uml", {"--target 10.0.0.2 and --kernel uml"}},
	{"run --target 10.0.0.2 --port 80 --kernels a,b", {"--target 10.0.0.2 and --kernels a,b"}},
	{"run --stack lwip --target 10.0.0.2 --port 80", {"--stack lwip and --target 10.0.0.2"}},
	{"run --stack lwip --kernels uml,host", {"--stack lwip and --kernels uml,host"}},
	{"run --stack lwip --sysctl net.ipv4.tcp_ecn=1",
	 {"--sysctl net.ipv4.tcp_ecn", "--stack lwip", "no sysctls"}},
	{"run --target 10.0.0.2 --port 80 --sysctl net.ipv4.tcp_ecn=1",
	 {"--sysctl net.ipv4.tcp_ecn", "--target 10.0.0.2", "on the host"}},
};

static void an_option_is_refused_in_one_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		const struct called *called = call(refused[i].line);

		for (size_t j = 0; j < 3; j++)
			if (called->status != 3 || *called->out || !is_one_line(called->err) ||
			    (refused[i].says[j] && !strstr(called->err, refused[i].says[j])))
				fail_msg("lastack %s: status %d, '%s', '%s'", refused[i].line,
					 called->status, called->out, called->err);
	}
}

/* Brackets around an IPv6 address are no part of it. */
static void brackets_are_accepted(void **state)
{
	const struct called *called = call("run --target [fe80::1%nowhere7] --port 80");

	(void)state;
	assert_non_null(strstr(called->err, "fe80::1%nowhere7: no interface 'nowhere7'\n"));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		OWN_FOLDER(an_option_is_refused_in_one_line),
		OWN_FOLDER(brackets_are_accepted),
	};

	program_take(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
