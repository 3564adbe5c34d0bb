/*
 * What a kernel's image says of itself. Of the guest room only; pure.
 */
#ifndef GUEST_IMAGE_H
#define GUEST_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#define IMAGE_HEAD_BYTES 70000u /* of the file's start hold all that image_read() may want */
#define IMAGE_RELEASE_MAX 64

enum image_kind {
	IMAGE_NONE,
	IMAGE_BOOT, /* bzImage: what a distribution installs as vmlinuz */
	IMAGE_ELF,  /* vmlinux, for x86-64 */
};

struct image {
	enum image_kind kind;
	char release[IMAGE_RELEASE_MAX + 1]; /* "6.1.0-56-cloud-amd64"; "" where it is not told */
};

/* Judge the first n bytes of a file; what they say is not believed, only copied where it is sane.
 */
struct image image_read(const void *bytes, size_t n);

/*
 * Look for "Linux version RELEASE " in n bytes, as a kernel in ELF holds it: true and the release
 * where it is there, whole.
 */
bool image_banner(const void *bytes, size_t n, char release[IMAGE_RELEASE_MAX + 1]);

/*
 * A release of n bytes at most ends at a blank or NUL. Copied where it is one that may be part of a
 * file's name: letters, digits and -._+~ only, the first one a digit.
 */
bool image_release(const char *bytes, size_t n, char release[IMAGE_RELEASE_MAX + 1]);

#endif
