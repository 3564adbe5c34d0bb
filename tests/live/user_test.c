/*
 * Who may have a lab: root, and an ordinary user in a user namespace of its own; what is told where
 * neither is allowed.
 */
#include "world.h"
#include <cap-ng.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/stat.h>

/* An ordinary user, with nothing left of root. */
static void become_nobody(void)
{
	if (geteuid() == 0) {
		must(setgroups(0, NULL) == 0);
		must(setresgid(65534, 65534, 65534) == 0);
		must(setresuid(65534, 65534, 65534) == 0);
		/* As after exec(): else /proc/self still belongs to root. */
		must(prctl(PR_SET_DUMPABLE, 1) == 0);
		must(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
	}
	must(geteuid() != 0);
}

static ino_t user_namespace(void)
{
	struct stat status;

	must(stat("/proc/self/ns/user", &status) == 0);
	return status.st_ino;
}

static void an_ordinary_user_has_a_lab(uint8_t family)
{
	struct packet packet, heard;
	struct world world;
	ino_t before;
	struct why why;

	become_nobody();
	before = user_namespace();
	must_call(lab_become_root(&why), why);
	must(user_namespace() != before);
	must(geteuid() == 0 && getegid() == 0);
	before = user_namespace();
	world_make(&world, family, NULL, NULL); /* asks once more */
	must(user_namespace() == before);
	world_wire(&world, NULL);
	packet = world_packet(&world, SYN, 7, 0);
	must_call(wire_send(world.wire, &packet, NULL, NULL, &why), why);
	world_expect(&world, &heard);
	must(heard.tcp.flags == (RST | ACK) && heard.tcp.ack == 8);
}

/* Whoever has what it takes stays where it is. */
static void the_privileged_stay_themselves(uint8_t family)
{
	ino_t before;
	struct why why;

	(void)family;
	must_call(lab_become_root(&why), why);
	before = user_namespace();
	must_call(lab_become_root(&why), why);
	must(user_namespace() == before);
}

static void drop(capng_select_t which)
{
	capng_clear(which);
	must(capng_apply(which) == 0);
}

/* Root of a user namespace may say how many there are to be below it: none. */
static void a_refusal_names_the_way_out(uint8_t family)
{
	struct why why = {.text = ""};
	int fd;

	(void)family;
	become_nobody();
	must_call(lab_become_root(&why), why);
	fd = open("/proc/sys/user/max_user_namespaces", O_WRONLY);
	must(fd >= 0 && write(fd, "0", 1) == 1);
	close(fd);
	drop(CAPNG_SELECT_CAPS);
	must(lab_become_root(&why) == -EPERM);
	must(strstr(why.text, "user.max_user_namespaces") && strstr(why.text, "root"));
}

static void no_namespace_without_leave(uint8_t family)
{
	struct lab_net net = {0};
	struct why why = {.text = ""};

	become_nobody();
	must(lab_net_enter_dut(&net, family, &why) == -EPERM);
	must(strstr(why.text, "CAP_SYS_ADMIN"));
	must(lab_net_enter_dut(&net, 5, &why) == -EINVAL);
}

static void no_wire_without_leave(uint8_t family)
{
	struct wire_config config = {.interface = LAB_PEER_INTERFACE};
	struct wire *wire = NULL;
	struct world world;
	struct why why;

	world_make(&world, family, NULL, NULL);
	drop(CAPNG_SELECT_CAPS);
	must(wire_open(&wire, &config, &why) == -EPERM);
	must(!wire && strlen(why.text) > 10);
}

static void a_wire_that_cannot_be_is_told(uint8_t family)
{
	struct wire_config config = {.interface = "nosuch0"};
	struct wire *wire = NULL;
	struct world world;
	struct why why;

	world_make(&world, family, NULL, NULL);
	must(wire_open(&wire, &config, &why) == -ENODEV);
	must(strstr(why.text, "nosuch0"));
	config.interface = "";
	must(wire_open(&wire, &config, &why) == -ENODEV);
	config.interface = "a-name-that-is-longer-than-any";
	must(wire_open(&wire, &config, &why) == -ENODEV);
	config.interface = "lo"; /* not up on the peer's side */
	must(wire_open(&wire, &config, &why) == -ENETDOWN);
	must(strstr(why.text, "down"));
	config.interface = LAB_PEER_INTERFACE;
	config.filter = "tcp and and";
	must(wire_open(&wire, &config, &why) == -EINVAL);
	must(strstr(why.text, "tcp and and"));
	must(!wire);
}

FAMILIES(an_ordinary_user_has_a_lab)
FAMILIES(the_privileged_stay_themselves)
FAMILIES(a_refusal_names_the_way_out)
FAMILIES(no_namespace_without_leave)
FAMILIES(no_wire_without_leave)
FAMILIES(a_wire_that_cannot_be_is_told)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(an_ordinary_user_has_a_lab),  BOTH(the_privileged_stay_themselves),
		BOTH(a_refusal_names_the_way_out), BOTH(no_namespace_without_leave),
		BOTH(no_wire_without_leave),	   BOTH(a_wire_that_cannot_be_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
