/*
 * guest_init MODULE... run PROGRAM ARGUMENT... end: the first process of a user-mode kernel whose
 * root is the machine's, read-only. Mounts what a system has, loads the modules, runs the program
 * in a /run of its own, says "status N" and powers off. What the kernel puts behind "end" is not
 * for the program.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void machine_make(void)
{
	const int console = open("/dev/console", O_RDWR);

	for (int fd = 0; fd < 3; fd++)
		dup2(console, fd);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mount("tmpfs", "/dev/shm", "tmpfs", 0, NULL);
	mount("tmpfs", "/run", "tmpfs", 0, NULL);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("TMPDIR", "/run", 1);
}

static void module_load(const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		printf("%s: %s\n", path, strerror(errno));
	close(fd);
}

int main(int argc, char **argv)
{
	int status = 127 << 8, i = 1;
	pid_t pid;

	if (getpid() != 1)
		return 2;
	machine_make();
	for (; i < argc && strcmp(argv[i], "run"); i++)
		module_load(argv[i]);
	for (int end = i; end < argc; end++)
		if (!strcmp(argv[end], "end"))
			argv[argc = end] = NULL;
	pid = i + 1 < argc ? fork() : -1;
	if (!pid) {
		setsid();
		execvp(argv[i + 1], argv + i + 1);
		_exit(127);
	}
	while (pid > 0 && waitpid(-1, &status, 0) != pid)
		;
	printf("status %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	fflush(stdout);
	sync();
	reboot(RB_POWER_OFF);
	return 1;
}
