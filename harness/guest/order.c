#include "guest/order.h"
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *names_write(const char *const *names, size_t n)
{
	json_t *json = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(json, json_string(names[i]));
	if (json && json_array_size(json) != n) {
		json_decref(json);
		return NULL;
	}
	return json;
}

static json_t *sysctls_write(const struct lab_sysctl *sysctls)
{
	json_t *json = json_array();
	size_t n = 0;

	for (; sysctls && sysctls[n].name; n++)
		json_array_append_new(json, json_pack("[ss]", sysctls[n].name, sysctls[n].value));
	if (json && json_array_size(json) != n) {
		json_decref(json);
		return NULL;
	}
	return json;
}

int order_write(struct buffer *out, const struct order *order)
{
	const struct run_options *run = &order->run;
	char seed[24];
	size_t modules = 0;
	json_t *json;
	char *text_;

	while (order->modules[modules])
		modules++;
	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)run->seed);
	json = json_pack("{s:o, s:i, s:i, s:i, s:i, s:b, s:b, s:f, s:s, s:o, s:s, s:s?, s:s?, s:s, "
			 "s:o, s:b, s:b, s:s?, s:i, s:s?, s:b, s:i, s:I}",
			 "selectors", names_write(order->selectors, order->selector_count), "over",
			 (int)run->over, "jobs", (int)run->jobs, "share", (int)run->share, "shares",
			 (int)run->shares, "quick", run->quick, "strict",
			 run->strict, "time_scale", run->time_scale, "seed", seed, "sysctls",
			 sysctls_write(run->sysctls), "profile", order->profile, "evidence",
			 run->evidence, "command", run->command, "machine", order->machine,
			 "modules", names_write(order->modules, modules), "freeze", order->freeze,
			 "days", run->days, "carrier", order->carrier, "setups", (int)run->setups,
			 "stack", order->stack, "retries_set", run->retries.set, "retries",
			 (int)run->retries.per_case, "retry_time", (json_int_t)run->retries.time);
	text_ = json ? json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	json_decref(json);
	if (!text_)
		return -ENOMEM;
	buffer_text(out, text_);
	free(text_);
	return out->failed ? -ENOMEM : 0;
}

static int names_read(const json_t *json, const char **out, size_t max)
{
	size_t n = json_array_size(json);

	if (!json_is_array(json) || n > max)
		return -EPROTO;
	for (size_t i = 0; i < n; i++) {
		out[i] = json_string_value(json_array_get(json, i));
		if (!out[i])
			return -EPROTO;
	}
	return 0;
}

static int sysctls_read(const json_t *json, struct order *out)
{
	size_t n = json_array_size(json);

	if (!json_is_array(json) || n > ORDER_SYSCTLS_MAX)
		return -EPROTO;
	for (size_t i = 0; i < n; i++) {
		const char *pair[2];

		if (json_array_size(json_array_get(json, i)) != 2 ||
		    names_read(json_array_get(json, i), pair, 2))
			return -EPROTO;
		out->sysctls[i] = (struct lab_sysctl){.name = pair[0], .value = pair[1]};
	}
	return 0;
}

static int selectors_read(const json_t *json, struct order *out)
{
	size_t n = json_array_size(json);

	if (!json_is_array(json) || n > ORDER_NAMES_MAX)
		return -EPROTO;
	out->selectors = calloc(n + 1, sizeof(*out->selectors));
	if (!out->selectors)
		return -ENOMEM;
	out->selector_count = n;
	return names_read(json, out->selectors, n);
}

int order_read(const char *text_, size_t len, struct order *out, struct why *why)
{
	json_t *json = json_loadb(text_, len, JSON_REJECT_DUPLICATES, NULL);
	json_t *selectors, *sysctls, *modules, *evidence, *command, *carrier, *stack;
	struct order order = {.json = json};
	int over, jobs, setups, share, shares, quick, strict, freeze, days, retries_set, retries;
	json_int_t retry_time;
	int r = -EPROTO;
	const char *seed;

	if (json_unpack_ex(json, NULL, JSON_STRICT,
			   "{s:o, s:i, s:i, s:i, s:i, s:b, s:b, s:F, s:s, s:o, s:s, s:o, s:o, "
			   "s:s, s:o, s:b, s:b, s:o, s:i, s:o, s:b, s:i, s:I}",
			   "selectors", &selectors, "over", &over, "jobs", &jobs, "share", &share,
			   "shares", &shares, "quick", &quick,
			   "strict", &strict, "time_scale", &order.run.time_scale, "seed", &seed,
			   "sysctls", &sysctls, "profile", &order.profile, "evidence", &evidence,
			   "command", &command, "machine", &order.machine, "modules", &modules,
			   "freeze", &freeze, "days", &days, "carrier", &carrier, "setups",
			   &setups, "stack", &stack, "retries_set", &retries_set, "retries",
			   &retries, "retry_time", &retry_time) ||
	    retries < 0 || retry_time < 0 ||
	    over < 0 || jobs < 0 || setups < 0 || share < 0 || shares < 0 ||
	    (shares ? share >= shares : share))
		goto out;
	/* These may be null. */
	order.run.evidence = json_string_value(evidence);
	order.run.command = json_string_value(command);
	order.carrier = json_string_value(carrier);
	order.stack = json_string_value(stack);
	order.run.over = (unsigned)over;
	order.run.jobs = (unsigned)jobs;
	order.run.setups = (unsigned)setups;
	order.run.share = (unsigned)share;
	order.run.shares = (unsigned)shares;
	order.run.quick = quick;
	order.run.strict = strict;
	order.run.days = days;
	order.run.retries = (struct run_retries){
		.set = retries_set, .per_case = (unsigned)retries, .time = retry_time};
	order.run.seed = strtoull(seed, NULL, 10);
	order.freeze = freeze;
	r = selectors_read(selectors, &order);
	if (!r)
		r = sysctls_read(sysctls, &order);
	if (!r)
		r = names_read(modules, order.modules,
			       sizeof(order.modules) / sizeof(order.modules[0]) - 1);
out:
	if (r) {
		order_free(&order);
		return why_set(why, -r, "the order to the guest is not understood");
	}
	*out = order;
	return 0;
}

void order_free(struct order *order)
{
	free(order->selectors);
	order->selectors = NULL;
	json_decref(order->json);
	order->json = NULL;
}
