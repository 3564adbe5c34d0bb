/*
 * The capture file: pcap with nanoseconds, written through the live handle, which knows both the
 * link type and the precision.
 */
#include "wire/inside.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "-" is standard output, which stays open. */
static FILE *file_open(const char *path)
{
	int fd;

	if (strcmp(path, "-"))
		return fopen(path, "wbe");
	fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? NULL : fdopen(fd, "wb");
}

int capture_open(struct capture *capture, pcap_t *pcap, const char *path, struct why *why)
{
	struct capture made = {0};
	struct stat status;
	FILE *file = NULL;
	int r = 0;

	made.path = strdup(path);
	if (!made.path)
		return why_set(why, ENOMEM, "no memory for the capture's path");
	file = file_open(path);
	if (!file) {
		r = why_set(why, errno, "cannot write the capture %s: %s", path, strerror(errno));
		goto out;
	}
	made.regular = strcmp(path, "-") && fstat(fileno(file), &status) == 0 &&
		       S_ISREG(status.st_mode);
	made.dumper = pcap_dump_fopen(pcap, file);
	if (!made.dumper) {
		r = why_set(why, EIO, "cannot write the capture %s: %s", path, pcap_geterr(pcap));
		goto out;
	}
	*capture = made;
	made.path = NULL;
	file = NULL;
out:
	if (file) {
		fclose(file);
		if (made.regular)
			unlink(made.path);
	}
	free(made.path);
	return r;
}

/* pcap_dump() says nothing of a failure: its stream does, and errno is still that of its write. */
void capture_frame(struct capture *capture, const struct pcap_pkthdr *header, const uint8_t *bytes)
{
	if (!capture->dumper || capture->error)
		return;
	errno = 0;
	pcap_dump((u_char *)capture->dumper, header, bytes);
	if (ferror(pcap_dump_file(capture->dumper)))
		capture->error = errno ? errno : EIO;
}

int capture_end(struct capture *capture, struct why *why)
{
	int r = 0;

	if (!capture->dumper)
		return 0;
	if (!capture->error) {
		errno = 0;
		if (fflush(pcap_dump_file(capture->dumper)) != 0)
			capture->error = errno ? errno : EIO;
	}
	if (capture->error) {
		r = why_set(why, capture->error, "cannot write the capture %s: %s", capture->path,
			    strerror(capture->error));
		if (capture->regular)
			unlink(capture->path);
	}
	pcap_dump_close(capture->dumper);
	free(capture->path);
	*capture = (struct capture){0};
	return r;
}

void capture_drop(struct capture *capture)
{
	if (!capture->dumper)
		return;
	__fpurge(pcap_dump_file(capture->dumper));
	if (capture->regular)
		unlink(capture->path);
	pcap_dump_close(capture->dumper);
	free(capture->path);
	*capture = (struct capture){0};
}
