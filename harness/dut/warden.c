#include "dut/warden.h"
#include "dut/kernel.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>

int warden_init(struct warden *warden, const char *const *names, size_t n, struct why *why)
{
	int error = 0;

	if (n > AGENT_SYSCTLS_MAX)
		return why_set(why, E2BIG, "more than %d sysctls", AGENT_SYSCTLS_MAX);
	warden->n = n;
	for (size_t i = 0; i < n && !error; i++) {
		struct warden_entry *entry = &warden->entries[i];

		*entry = (struct warden_entry){.name = names[i]};
		error = sysctl_get(names[i], &entry->before, why);
		/* As it is: only to see that it can be set. */
		if (!error)
			error = sysctl_set(names[i], entry->before, why);
		if (error)
			why_add(why, "--allow-sysctl %s: ", names[i]);
	}
	return error;
}

int warden_set(struct warden *warden, pid_t owner, const char *name, int64_t value,
               struct why *why)
{
	struct warden_entry *entry = NULL;
	int64_t before;
	int error;

	for (size_t i = 0; i < warden->n; i++) {
		if (strcmp(warden->entries[i].name, name) == 0)
			entry = &warden->entries[i];
	}
	if (!entry)
		return why_set(why, EPERM, "the agent may not set it: its --allow-sysctl does not "
			       "name it");
	if (entry->owner && entry->owner != owner)
		return why_set(why, EBUSY, "another case has set it");
	error = sysctl_get(name, &before, why);
	if (!error)
		error = sysctl_set(name, value, why);
	if (error || entry->owner)
		return error;
	entry->before = before;
	entry->owner = owner;
	return 0;
}

void warden_restore(struct warden *warden, pid_t owner)
{
	for (size_t i = 0; i < warden->n; i++) {
		struct warden_entry *entry = &warden->entries[i];
		struct why why;

		if (entry->owner != owner)
			continue;
		entry->owner = 0;
		if (sysctl_set(entry->name, entry->before, &why) != 0)
			log_warn("%s; it was %" PRId64, why.text, entry->before);
	}
}
