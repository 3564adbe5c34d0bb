#include "guest/image.h"
#include <elf.h>
#include <stdint.h>
#include <string.h>

/* Linux's boot protocol for x86, Documentation/arch/x86/boot.rst: little-endian, by offset. */
#define SETUP_MAGIC 0x202u
#define SETUP_PROTOCOL 0x206u
#define SETUP_RELEASE 0x20eu /* where the release stands, less SETUP_BASE */
#define SETUP_BASE 0x200u
#define PROTOCOL_MIN 0x20cu /* of Linux 3.8, with the flags that 64 bits need */

#define BANNER "Linux version "

static unsigned word_at(const unsigned char *bytes, size_t at)
{
	return bytes[at] | (unsigned)bytes[at + 1] << 8;
}

bool image_release(const char *bytes, size_t n, char release[IMAGE_RELEASE_MAX + 1])
{
	size_t len = 0;

	for (; len < n && bytes[len] && bytes[len] != ' '; len++) {
		unsigned char c = (unsigned char)bytes[len];
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
		bool digit = c >= '0' && c <= '9';

		if (len == IMAGE_RELEASE_MAX || !(digit || (len && (letter || strchr("-._+~", c)))))
			return false;
	}
	if (!len || len == n)
		return false;
	memcpy(release, bytes, len);
	release[len] = '\0';
	return true;
}

bool image_banner(const void *bytes, size_t n, char release[IMAGE_RELEASE_MAX + 1])
{
	const char *at = bytes, *end = at + n;

	while ((at = memmem(at, (size_t)(end - at), BANNER, strlen(BANNER)))) {
		at += strlen(BANNER);
		if (image_release(at, (size_t)(end - at), release))
			return true;
	}
	return false;
}

static bool is_elf(const unsigned char *bytes, size_t n)
{
	Elf64_Ehdr header;

	if (n < sizeof(header))
		return false;
	memcpy(&header, bytes, sizeof(header));
	return !memcmp(header.e_ident, ELFMAG, SELFMAG) && header.e_ident[EI_CLASS] == ELFCLASS64 &&
	       header.e_ident[EI_DATA] == ELFDATA2LSB && header.e_machine == EM_X86_64 &&
	       header.e_type == ET_EXEC;
}

struct image image_read(const void *start, size_t n)
{
	const unsigned char *bytes = start;
	struct image image = {.kind = IMAGE_NONE};
	size_t at;

	if (is_elf(bytes, n)) {
		image.kind = IMAGE_ELF;
		return image;
	}
	if (n < SETUP_RELEASE + 2 || memcmp(bytes + SETUP_MAGIC, "HdrS", 4) ||
	    word_at(bytes, SETUP_PROTOCOL) < PROTOCOL_MIN)
		return image;
	image.kind = IMAGE_BOOT;
	at = word_at(bytes, SETUP_RELEASE);
	if (at && at + SETUP_BASE < n)
		image_release((const char *)start + at + SETUP_BASE, n - at - SETUP_BASE,
			      image.release);
	return image;
}
