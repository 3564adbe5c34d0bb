/*
 * The capture file: pcap with nanoseconds, written through the live handle, which knows both the
 * link type and the precision. The file has its name from the start: of a process that is killed,
 * what was written until then remains.
 */
#include "wire/inside.h"
#include <errno.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

int capture_open(struct capture *capture, pcap_t *pcap, const char *path, struct why *why)
{
	struct capture made = {.path = strdup(path)};
	int r = made.path ? output_file_open(&made.file, path, OUTPUT_LIVE, why)
			  : why_set(why, ENOMEM, "no memory");

	if (r) {
		why_add(why, "cannot write the capture ");
		goto out;
	}
	made.dumper = pcap_dump_fopen(pcap, made.file.file);
	if (made.dumper) {
		*capture = made;
		return 0;
	}
	r = why_set(why, EIO, "cannot write the capture %s: %s", path, pcap_geterr(pcap));
	output_file_abandon(&made.file);
out:
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
	int r;

	if (!capture->dumper)
		return 0;
	/* The dumper is its stream, and nothing else. */
	r = output_file_close(&capture->file, !capture->error);
	if (capture->error)
		r = -capture->error;
	if (r)
		why_set(why, -r, "cannot write the capture %s: %s",
			strcmp(capture->path, "-") ? capture->path : "to standard output",
			strerror(-r));
	free(capture->path);
	*capture = (struct capture){0};
	return r;
}

void capture_drop(struct capture *capture)
{
	if (!capture->dumper)
		return;
	__fpurge(pcap_dump_file(capture->dumper));
	output_file_close(&capture->file, false);
	free(capture->path);
	*capture = (struct capture){0};
}
