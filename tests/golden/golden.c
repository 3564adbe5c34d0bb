/*
 * A capture and the text it must give: golden CAPTURE [EXPECTED].
 *
 * Prints a line for each frame, in the form of tcpdump -nn -S -tt --nano -r CAPTURE. With EXPECTED,
 * compares instead, prints each line that differs, and exits with 1. A capture without a frame is
 * an error, as is one that does not end where it should.
 */
#include "packet/packet.h"
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

static void frame_text(struct buffer *line, const struct pcap_pkthdr *header, const uint8_t *frame)
{
	struct packet packet;

	packet_parse(frame, header->caplen, header->len, &packet);
	/* Opened with nanoseconds, tv_usec holds them. */
	buffer_printf(line, "%" PRId64 ".%09" PRId64 " ", (int64_t)header->ts.tv_sec,
		      (int64_t)header->ts.tv_usec);
	packet_text(line, &packet, NULL);
}

/* Read the next expected line, its line end taken off; false at the end. */
static bool line_read(FILE *expected, char *line, size_t size)
{
	if (!fgets(line, (int)size, expected))
		return false;
	line[strcspn(line, "\n")] = '\0';
	return true;
}

/* How many lines differ, or -1 when the capture cannot be read to its end. */
static int capture_compare(pcap_t *pcap, FILE *expected)
{
	struct pcap_pkthdr *header;
	const u_char *frame;
	char want[1024];
	int rc, differ = 0, frames = 0;

	while ((rc = pcap_next_ex(pcap, &header, &frame)) == 1) {
		struct buffer line = {.at = NULL};

		frames++;
		frame_text(&line, header, frame);
		if (line.failed)
			return -1;
		if (!expected) {
			puts(line.at);
		} else if (!line_read(expected, want, sizeof(want)) || strcmp(want, line.at) != 0) {
			printf("frame %d\n want %s\n got  %s\n", frames, want, line.at);
			differ++;
		}
		buffer_free(&line);
	}
	if (expected && line_read(expected, want, sizeof(want))) {
		printf("after frame %d\n want %s\n got  the end\n", frames, want);
		differ++;
	}
	if (rc != PCAP_ERROR_BREAK || !frames) {
		fprintf(stderr, "golden: %s\n",
			frames ? pcap_geterr(pcap) : "no frame in the capture");
		return -1;
	}
	return differ;
}

int main(int argc, char **argv)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	FILE *capture = argc > 1 ? fopen(argv[1], "rb") : NULL;
	FILE *expected = argc > 2 ? fopen(argv[2], "r") : NULL;
	pcap_t *pcap = NULL;
	int differ = -1;

	if (!capture || (argc > 2 && !expected)) {
		fprintf(stderr, "golden: a file is missing; usage: golden CAPTURE [EXPECTED]\n");
		goto out;
	}
	pcap = pcap_fopen_offline_with_tstamp_precision(capture, PCAP_TSTAMP_PRECISION_NANO, error);
	if (!pcap) {
		fprintf(stderr, "golden: %s: %s\n", argv[1], error);
		goto out;
	}
	capture = NULL; /* pcap_close() closes it */
	if (pcap_datalink(pcap) != DLT_EN10MB)
		fprintf(stderr, "golden: %s is no capture of Ethernet\n", argv[1]);
	else
		differ = capture_compare(pcap, expected);
out:
	if (pcap)
		pcap_close(pcap);
	if (expected)
		fclose(expected);
	if (capture)
		fclose(capture);
	return differ != 0;
}
