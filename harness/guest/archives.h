/*
 * libarchive, which is loaded when the first archive is made or read: it brings a dozen other
 * libraries with it, and only what goes into a guest with files of its own needs it. Of the guest
 * room only.
 */
#ifndef GUEST_ARCHIVES_H
#define GUEST_ARCHIVES_H

#include "base/base.h"
#include <archive.h>
#include <archive_entry.h>

/* clang-format off */
#define ARCHIVES_FUNCTIONS(each)                                                                   \
	each(archive_errno) each(archive_error_string) each(archive_write_new)                     \
	each(archive_write_set_format_cpio_newc) each(archive_write_open_fd)                       \
	each(archive_write_header) each(archive_write_data) each(archive_write_close)              \
	each(archive_write_free) each(archive_entry_new) each(archive_entry_free)                  \
	each(archive_entry_set_pathname) each(archive_entry_set_mode)                              \
	each(archive_entry_set_nlink) each(archive_entry_set_size)                                 \
	each(archive_entry_set_rdevmajor) each(archive_entry_set_rdevminor)                        \
	each(archive_entry_pathname) each(archive_entry_filetype)                                  \
	each(archive_entry_size) each(archive_entry_hardlink) each(archive_read_new)               \
	each(archive_read_support_filter_gzip) each(archive_read_support_filter_xz)                \
	each(archive_read_support_filter_zstd) each(archive_read_support_format_cpio)              \
	each(archive_read_support_format_raw) each(archive_read_open_fd)                           \
	each(archive_read_open_filename) each(archive_read_next_header)                            \
	each(archive_read_data_block) each(archive_read_data_into_fd) each(archive_read_free)
/* clang-format on */

struct archives {
#define ARCHIVES_MEMBER(function) __typeof__(function) *function;
	ARCHIVES_FUNCTIONS(ARCHIVES_MEMBER)
#undef ARCHIVES_MEMBER
};

/* Is the library there? -ENOENT with why. */
int archives_load(struct why *why);
/* Its functions. Only after archives_load() has returned 0. */
const struct archives *archives(void);

#endif
