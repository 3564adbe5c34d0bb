/*
 * QEMU: any kernel image for x86-64, on a machine whose clock is the count of its instructions.
 * Where the machine is idle, the clock skips to its next timer.
 */
#include "guest/image.h"
#include "guest/initramfs.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EMULATOR "qemu-system-x86_64"
#define MEMORY "1024" /* MiB */
/* Work is not skipped, and takes time as on a slow machine: labs are made one after the other. */
#define SETUPS 2
/* 2^1 ns an instruction: with less, booting takes longer; with more, the guest is just slower. */
#define ICOUNT "shift=1,sleep=off"
/* The channel's device, and the one that takes the evidence. */
#define CHANNEL_DEVICE "/dev/vport0p1"
#define CARRIER_DEVICE "/dev/vport0p2"
/* A kernel takes 2048 bytes of command line. */
#define APPEND_MAX 2000
#define CONFIG_BYTES_MAX (4u << 20)

/* The emulator in PATH, absolute, owned by the caller; NULL: it is not there. */
static char *emulator_find(void)
{
	const char *path = getenv("PATH"), *next;
	char *found = NULL;

	if (!path)
		path = "/usr/bin:/bin";
	for (; *path && !found; path = next) {
		char *folder = strndup(path, strcspn(path, ":"));

		next = path + strcspn(path, ":");
		next += *next == ':';
		if (folder && *folder == '/')
			found = path_there(folder, "", EMULATOR);
		if (found && access(found, X_OK)) {
			free(found);
			found = NULL;
		}
		free(folder);
	}
	return found;
}

/* A kernel in ELF tells its release somewhere in its data. */
static void banner_search(int fd, char *release)
{
	enum { CHUNK = 1 << 20, OVERLAP = 256 };
	char *bytes = malloc(CHUNK);
	off_t at = 0;
	ssize_t n;

	while (bytes && (n = pread(fd, bytes, CHUNK, at)) > OVERLAP) {
		if (image_banner(bytes, (size_t)n, release))
			break;
		at += n - OVERLAP;
	}
	free(bytes);
}

/* The release that the file's name tells: vmlinuz-RELEASE. */
static void release_from_name(const char *path, char *release)
{
	const char *dash = strchr(strrchr(path, '/'), '-');

	if (dash)
		image_release(dash + 1, strlen(dash + 1) + 1, release);
}

static int image_look(struct guest_kernel *kernel, struct why *why)
{
	int fd = open(kernel->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), r = 0;
	char *head = malloc(IMAGE_HEAD_BYTES);
	struct image image;
	ssize_t n;

	if (!head) {
		r = why_set(why, ENOMEM, "no memory");
		goto out;
	}
	n = fd < 0 ? -1 : pread(fd, head, IMAGE_HEAD_BYTES, 0);
	if (n < 0) {
		r = why_set(why, EINVAL, "--kernel %s: %s", kernel->name, strerror(errno));
		goto out;
	}
	image = image_read(head, (size_t)n);
	if (image.kind == IMAGE_ELF)
		banner_search(fd, image.release);
	if (image.kind != IMAGE_NONE && !*image.release)
		release_from_name(kernel->path, image.release);
	if (image.kind == IMAGE_NONE)
		r = why_set(why, EINVAL,
			    "--kernel %s: this is no Linux kernel for x86-64 (a vmlinuz, bzImage "
			    "or vmlinux)",
			    kernel->name);
	else if (!*image.release)
		r = why_set(why, EINVAL, "--kernel %s: it does not tell its release", kernel->name);
	else if (!(kernel->release = strdup(image.release)))
		r = why_set(why, ENOMEM, "no memory");
out:
	free(head);
	if (fd >= 0)
		close(fd);
	return r;
}

/* Where distributions, unpacked packages and build folders have a kernel's modules. */
static char *modules_folder(const struct guest_kernel *kernel)
{
	static const char *const places[] = {"../lib/modules/", "../usr/lib/modules/", "modules/",
					     "lib/modules/"};
	char *folder = path_folder(kernel->path), *found = NULL;

	for (size_t i = 0; folder && !found && i < sizeof(places) / sizeof(places[0]); i++)
		found = path_there(folder, places[i], kernel->release);
	if (!found)
		found = path_there("/lib/modules", "", kernel->release);
	free(folder);
	return found;
}

/* And its configuration. */
static char *config_path(const struct guest_kernel *kernel, const char *modules)
{
	char *folder = path_folder(kernel->path), *found = NULL;

	if (folder)
		found = path_there(folder, "config-", kernel->release);
	if (!found && modules)
		found = path_there(modules, "", "config");
	if (!found && modules)
		found = path_there(modules, "build/", ".config");
	if (!found && folder)
		found = path_there(folder, "../../../", ".config"); /* arch/x86/boot/bzImage */
	if (!found && folder)
		found = path_there(folder, "", ".config");
	free(folder);
	return found;
}

static int config_load(const char *path, struct buffer *out, struct why *why)
{
	FILE *file = fopen(path, "re");
	int r = 0;

	if (!file)
		return why_set(why, EINVAL, "%s: %s", path, strerror(errno));
	buffer_file(out, file, CONFIG_BYTES_MAX);
	if (ferror(file) || out->failed)
		r = why_set(why, EINVAL, "%s cannot be read", path);
	fclose(file);
	return r;
}

static int needs_find(struct guest_kernel *kernel, struct why *why)
{
	char *modules = modules_folder(kernel), *path = config_path(kernel, modules);
	struct buffer config = {.at = NULL};
	int r = 0;

	if (!modules && !path)
		r = why_set(why, EINVAL,
			    "--kernel %s: neither its configuration (config-%s beside it) nor its "
			    "modules (../lib/modules/%s) are there",
			    kernel->name, kernel->release, kernel->release);
	if (!r && path)
		r = config_load(path, &config, why);
	if (!r)
		r = modules_find(kernel, MODULES_CHANNEL, config.at, modules, why);
	while (kernel->modules[kernel->early])
		kernel->early++;
	if (!r)
		r = modules_find(kernel, MODULES_LAB, config.at, modules, why);
	buffer_free(&config);
	free(path);
	free(modules);
	return r ? -EINVAL : 0;
}

/* What the kernel is told, and behind "--" what its init is. */
static int append_write(const struct guest_kernel *kernel, struct buffer *out, struct why *why)
{
	/* Words with a value only: others, where they are not known, would be words for init. */
	buffer_text(out, "console=ttyS0 loglevel=4 panic=-1 reboot=t tsc=reliable mitigations=off "
			 "audit=0 apparmor=0 init_on_alloc=0 cgroup_disable=memory "
			 "sysctl.kernel.watchdog=0 -- guest " CHANNEL_DEVICE
			 " " INITRAMFS_ORDER);
	for (size_t i = 0; i < kernel->early; i++) {
		char *name = initramfs_module(kernel->modules[i]);

		if (!name)
			return why_set(why, ENOMEM, "no memory");
		buffer_printf(out, " %s", name);
		free(name);
	}
	if (out->failed || out->len > APPEND_MAX)
		return why_set(why, out->failed ? ENOMEM : E2BIG,
			       "%s: no room for its command line", kernel->name);
	return 0;
}

/* The descriptors that it inherits: LAUNCH_CHANNEL, and what is behind it. */
#define CHILD_CHANNEL "3"
#define CHILD_INITRAMFS "4"
#define CHILD_EVIDENCE "5"

static int qemu_enter(const struct guest_kernel *kernel, const struct guest_start *start,
		      const char *append, const int inherit[2], struct guest_process *out,
		      struct why *why)
{
	char seed[16];
	/* clang-format off */
	char *const argv[] = {
		EMULATOR, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny",
		"-M", "pc", "-cpu", "max,la57=off", "-accel", "tcg,thread=single", "-smp", "1",
		"-m", MEMORY, "-icount", ICOUNT,
		/* What would differ from run to run. */
		"-seed", seed, "-rtc", "base=2026-01-01,clock=vm",
		"-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
		/* It takes what it is given at once, before the guest's next instruction. */
		"-device", "virtio-serial-pci,ioeventfd=off",
		"-chardev", "socket,id=channel,fd=" CHILD_CHANNEL,
		"-device", "virtserialport,chardev=channel,nr=1",
		"-chardev", "socket,id=evidence,fd=" CHILD_EVIDENCE,
		"-device", "virtserialport,chardev=evidence,nr=2",
		"-kernel", kernel->path, "-initrd", "/proc/self/fd/" CHILD_INITRAMFS,
		"-append", (char *)(uintptr_t)append, NULL};
	/* clang-format on */
	char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", NULL};
	const struct launch what = {.program = kernel->program,
				    .argv = argv,
				    .environment = environment,
				    .inherit = inherit,
				    .inherit_count = 2,
				    .processor = -1};

	snprintf(seed, sizeof(seed), "%u", (unsigned)start->seed);
	return launch(&what, out, why);
}

static int qemu_start(const struct guest_kernel *kernel, const struct guest_start *start,
		      struct guest_process *out, struct why *why)
{
	int evidence[2] = {-1, -1}, files = -1, r = launch_pair(evidence, why);
	struct buffer append = {.at = NULL};

	if (!r)
		r = append_write(kernel, &append, why);
	if (!r)
		r = initramfs_make(kernel, start, &files, why);
	if (!r) {
		const int inherit[2] = {files, evidence[1]};

		r = qemu_enter(kernel, start, append.at, inherit, out, why);
	}
	if (!r) {
		out->evidence = evidence[0];
		evidence[0] = -1;
	}
	for (int i = 0; i < 2; i++)
		if (evidence[i] >= 0)
			close(evidence[i]);
	if (files >= 0)
		close(files);
	buffer_free(&append);
	return r;
}

int qemu_find(struct guest_kernel *kernel, const char *path, struct why *why)
{
	kernel->program = emulator_find();
	if (!kernel->program)
		return why_set(why, ENOPKG,
			       "--kernel %s: there is no " EMULATOR
			       " in PATH; install the package qemu-system-x86",
			       kernel->name);
	kernel->path = realpath(path, NULL);
	if (!kernel->path)
		return why_set(why, EINVAL, "--kernel %s: %s", kernel->name, strerror(errno));
	kernel->start = qemu_start;
	kernel->machine = "QEMU, instructions counted, its idle time skipped";
	kernel->carrier = CARRIER_DEVICE;
	kernel->setups = SETUPS;
	return image_look(kernel, why) ? -EINVAL : needs_find(kernel, why);
}
