/*
 * What a guest says: a whole run is reported, and nothing that does not fit is believed.
 */
#include "guest/outside.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* cmocka has macros of the same names as a case's verbs. */
#undef expect
#undef expect_any
#undef check
#include <cmocka.h>

struct scene {
	struct guests guests;
	struct guest_options options;
	struct run_options run;
	struct guest_kernel kernel;
	struct reporter *reporter;
	char *out;
	size_t out_size;
	FILE *file;
	int far; /* the guest's end of the channel */
	int ready;
};

static struct catalogue_entry entries[] = {{.name = "a.a"}, {.name = "b.b"}, {.name = "c.c"}};
static const struct catalogue ordered = {entries, 3};

static int ready(void *arg, struct why *why)
{
	struct scene *scene = arg;

	return scene->ready ? why_set(why, -scene->ready, "no room for a report") : 0;
}

/* Guests that have their order; count of them. */
static void scene_open(struct scene *scene, unsigned count)
{
	struct reporter_options options = {.out = NULL};
	int pair[2];

	*scene = (struct scene){.kernel = {.name = strdup("k")}};
	scene->file = open_memstream(&scene->out, &scene->out_size);
	options.out = scene->file;
	assert_int_equal(reporter_new(&scene->reporter, "events", &options, NULL), 0);
	scene->run = (struct run_options){.catalogue = &ordered,
					  .reporters = &scene->reporter,
					  .reporter_count = 1,
					  .ready = ready,
					  .ready_arg = scene};
	scene->options.run = &scene->run;
	scene->guests.options = &scene->options;
	scene->guests.kernel = &scene->kernel;
	scene->guests.count = count;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	scene->far = pair[0];
	for (unsigned i = 0; i < count; i++)
		scene->guests.listeners[i] = (struct listener){
			.guests = &scene->guests, .share = i, .state = GUEST_ORDERED,
			.process = {.channel = pair[1], .console = -1}};
}

static void scene_close(struct scene *scene)
{
	for (unsigned i = 0; i < scene->guests.count; i++) {
		buffer_free(&scene->guests.listeners[i].line);
		buffer_free(&scene->guests.listeners[i].order);
	}
	close(scene->far);
	close(scene->guests.listeners[0].process.channel);
	reporter_finish(scene->reporter, NULL);
	fclose(scene->file);
	free(scene->out);
	free(scene->kernel.name);
}

static void say(struct scene *scene, unsigned guest, const char *text_)
{
	listener_hear(&scene->guests.listeners[guest], text_, strlen(text_));
}

static void say_event(struct scene *scene, unsigned guest, const struct event *event)
{
	struct buffer line = {.at = NULL};

	assert_int_equal(event_write(&line, event), 0);
	listener_hear(&scene->guests.listeners[guest], line.at, line.len);
	buffer_free(&line);
}

static void say_run(struct scene *scene, unsigned guest, unsigned cases)
{
	say_event(scene, guest,
		  &(struct event){.kind = EVENT_RUN, .run = {.version = "1", .cases = cases}});
}

static void say_verdict(struct scene *scene, unsigned guest, const char *name,
			enum verdict verdict, bool again)
{
	say_event(scene, guest,
		  &(struct event){.kind = EVENT_VERDICT,
				  .name = name,
				  .over = "ipv4",
				  .verdict = {.verdict = verdict, .attempt = again ? 2 : 1}});
}

static void say_summary(struct scene *scene, unsigned guest, unsigned pass, unsigned fail_)
{
	struct event event = {.kind = EVENT_SUMMARY};

	event.summary.count[VERDICT_PASS] = pass;
	event.summary.count[VERDICT_FAIL] = fail_;
	say_event(scene, guest, &event);
}

static unsigned reported(struct scene *scene, const char *what)
{
	unsigned n = 0;

	fflush(scene->file);
	for (const char *at = scene->out; (at = strstr(at, what)); at++)
		n++;
	return n;
}

static void the_order_goes_in_pieces(void **state)
{
	struct scene scene;
	struct listener *listener = &scene.guests.listeners[0];
	char got[2 * ORDER_LINE_MAX], text_[ORDER_LINE_MAX + 500];

	(void)state;
	scene_open(&scene, 1);
	memset(text_, 'x', sizeof(text_));
	buffer_put(&listener->order, text_, sizeof(text_));
	listener->state = GUEST_BOOTING;
	say(&scene, 0, "the kernel's own words\r\n" GUEST_READY "\r\n");
	assert_int_equal(listener->state, GUEST_ORDERED);
	assert_int_equal(read(scene.far, got, sizeof(got)), ORDER_LINE_MAX + 1);
	say(&scene, 0, GUEST_GO_ON "\r\n");
	assert_int_equal(read(scene.far, got, sizeof(got)), 501);
	assert_int_equal(got[500], '\n');
	say(&scene, 0, GUEST_GO_ON "\n");
	assert_int_equal(read(scene.far, got, sizeof(got)), 1);
	say(&scene, 0, GUEST_GO_ON "\n");
	assert_int_equal(recv(scene.far, got, sizeof(got), MSG_DONTWAIT), -1);
	scene_close(&scene);
}

static void two_guests_make_one_run(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene, 2);
	say_run(&scene, 1, 3);
	say_verdict(&scene, 1, "b.b", VERDICT_PASS, false);
	say_run(&scene, 0, 3);
	say_verdict(&scene, 0, "a.a", VERDICT_PASS, false);
	say_verdict(&scene, 0, "c.c", VERDICT_FAIL, false);
	say_summary(&scene, 0, 1, 1);
	say(&scene, 0, GUEST_END "1 \n");
	say_summary(&scene, 1, 1, 0);
	say(&scene, 1, GUEST_END "0 \n");
	assert_int_equal(scene.guests.listeners[0].state, GUEST_ENDED);
	assert_int_equal(scene.guests.listeners[1].state, GUEST_ENDED);
	assert_int_equal(reported(&scene, "\"event\":\"run\""), 1);
	assert_int_equal(reported(&scene, "\"event\":\"verdict\""), 3);
	/* The summary of both is made when both have gone. */
	assert_int_equal(reported(&scene, "\"event\":\"summary\""), 0);
	scene_close(&scene);
}

/* What one guest with two cases says, and that it is not believed. */
static void distrusted(void (*speak)(struct scene *scene))
{
	struct scene scene;

	scene_open(&scene, 1);
	say_run(&scene, 0, 2);
	speak(&scene);
	assert_int_equal(scene.guests.listeners[0].state, GUEST_BROKEN);
	assert_true(*scene.guests.listeners[0].why.text);
	/* And nothing mends it. */
	say_summary(&scene, 0, 2, 0);
	say(&scene, 0, GUEST_END "0 \n");
	assert_int_equal(scene.guests.listeners[0].state, GUEST_BROKEN);
	scene_close(&scene);
}

static void lacks_a_verdict(struct scene *scene)
{
	say_verdict(scene, 0, "a.a", VERDICT_PASS, false);
	say_summary(scene, 0, 1, 0);
}

static void counts_what_never_came(struct scene *scene)
{
	say_verdict(scene, 0, "a.a", VERDICT_PASS, false);
	say_summary(scene, 0, 2, 0);
}

static void makes_a_pass_of_a_fail(struct scene *scene)
{
	say_verdict(scene, 0, "a.a", VERDICT_FAIL, false);
	say_verdict(scene, 0, "b.b", VERDICT_PASS, false);
	say_summary(scene, 0, 2, 0);
}

static void tries_again_what_had_ended(struct scene *scene)
{
	say_verdict(scene, 0, "a.a", VERDICT_FAIL, false);
	say_verdict(scene, 0, "a.a", VERDICT_PASS, true);
}

static void invents_a_case(struct scene *scene)
{
	say_verdict(scene, 0, "a.aa", VERDICT_PASS, false);
}

static void invents_a_case_that_starts(struct scene *scene)
{
	say_event(scene, 0, &(struct event){.kind = EVENT_CASE, .name = "d.d", .over = "ipv4",
					    .start = {.claim = "x", .level = "MUST"}});
}

static void judges_a_case_often(struct scene *scene)
{
	for (int i = 0; i < 3; i++)
		say_verdict(scene, 0, "a.a", VERDICT_PASS, false);
}

static void ends_too_early(struct scene *scene)
{
	say(scene, 0, GUEST_END "0 \n");
}

static void refuses_too_late(struct scene *scene)
{
	say(scene, 0, GUEST_END "-22 too late\n");
}

static void begins_twice(struct scene *scene)
{
	say_run(scene, 0, 2);
}

static void talks_nonsense(struct scene *scene)
{
	say(scene, 0, "Kernel panic - not syncing\n");
}

static void never_ends_its_line(struct scene *scene)
{
	static char noise[300000];

	memset(noise, 'x', sizeof(noise) - 1);
	say(scene, 0, noise);
}

static void what_does_not_fit_is_not_believed(void **state)
{
	(void)state;
	distrusted(lacks_a_verdict);
	distrusted(counts_what_never_came);
	distrusted(makes_a_pass_of_a_fail);
	distrusted(tries_again_what_had_ended);
	distrusted(invents_a_case);
	distrusted(invents_a_case_that_starts);
	distrusted(judges_a_case_often);
	distrusted(ends_too_early);
	distrusted(refuses_too_late);
	distrusted(begins_twice);
	distrusted(talks_nonsense);
	distrusted(never_ends_its_line);
}

static void a_second_try_replaces_the_first(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene, 1);
	say_run(&scene, 0, 1);
	say_verdict(&scene, 0, "a.a", VERDICT_INCONCLUSIVE, false);
	say_verdict(&scene, 0, "a.a", VERDICT_PASS, true);
	say_summary(&scene, 0, 1, 0);
	say(&scene, 0, GUEST_END "0 \n");
	assert_int_equal(scene.guests.listeners[0].state, GUEST_ENDED);
	scene_close(&scene);
}

static void a_refusal_is_told(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene, 1);
	say(&scene, 0, GUEST_END "-22 no such sysctl\n");
	assert_int_equal(scene.guests.listeners[0].state, GUEST_REFUSED);
	assert_int_equal(scene.guests.listeners[0].status, -EINVAL);
	assert_non_null(strstr(scene.guests.listeners[0].why.text, "no such sysctl"));
	scene_close(&scene);
	scene_open(&scene, 1);
	scene.ready = -ENOSPC;
	say_run(&scene, 0, 1);
	assert_int_equal(scene.guests.refused, -ENOSPC);
	assert_int_equal(reported(&scene, "event"), 0);
	scene_close(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_goes_in_pieces),
		cmocka_unit_test(two_guests_make_one_run),
		cmocka_unit_test(what_does_not_fit_is_not_believed),
		cmocka_unit_test(a_second_try_replaces_the_first),
		cmocka_unit_test(a_refusal_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
