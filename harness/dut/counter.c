#include "dut/kernel.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_MAX_LEN 64
#define CONTENTS_MAX 65536

/* The length of the word at text, which ends before a blank, a line's end or the text's. */
static size_t word(const char *text_)
{
	return strcspn(text_, " \n");
}

/* Column of name in a line of words, or 0 (the first word is the prefix). */
static unsigned column_of(const char *line, const char *name)
{
	unsigned column = 0;

	for (line += word(line); *line == ' '; line += word(line)) {
		line++;
		column++;
		if (word(line) == strlen(name) && strncmp(line, name, word(line)) == 0)
			return column;
	}
	return 0;
}

static int column_value(const char *line, unsigned column, int64_t *value)
{
	char *end;
	long long number;

	for (; column > 0; column--) {
		line += word(line);
		if (*line != ' ')
			return -EPROTO;
		line++;
	}
	errno = 0;
	number = strtoll(line, &end, 10);
	if (errno || end == line || end != line + word(line))
		return -EPROTO;
	*value = number;
	return 0;
}

/* Lines come in pairs that begin with the same "Prefix:": names, then values. */
int counter_find(const char *contents, const char *name, int64_t *value)
{
	const char *names = contents;

	while (*names) {
		const char *values = strchr(names, '\n');
		size_t prefix = word(names); /* with its colon */
		unsigned column = 0;

		if (!values || prefix < 2 || strncmp(values + 1, names, prefix) != 0)
			return -EPROTO;
		values++;
		/* One prefix may begin another (Tcp, TcpExt): the rest must be a name here. */
		if (strncmp(name, names, prefix - 1) == 0)
			column = column_of(names, name + prefix - 1);
		if (column)
			return column_value(values, column, value);
		names = strchr(values, '\n');
		if (!names)
			return -ENOENT;
		names++;
	}
	return -ENOENT;
}

static int file_read(const char *path, char *out, size_t size, struct why *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = -1;

	if (fd < 0)
		return why_set(why, errno, "%s: %s", path, strerror(errno));
	while (len < size - 1) {
		n = read(fd, out + len, size - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	if (n < 0)
		why_set(why, errno, "%s: %s", path, strerror(errno));
	else if (n > 0)
		why_set(why, EFBIG, "%s has more than %zu bytes", path, size - 1);
	close(fd);
	out[len] = '\0';
	return n == 0 ? 0 : n > 0 ? -EFBIG : -EIO;
}

int counter_get(const char *name, int64_t *value, struct why *why)
{
	/* self: the namespace of this process, and not the one that /proc was mounted in. */
	static const char *const paths[] = {"/proc/self/net/netstat", "/proc/self/net/snmp"};
	size_t len = strnlen(name, NAME_MAX_LEN + 1);
	char *contents;
	int error = -ENOENT;

	if (len == 0 || len > NAME_MAX_LEN)
		return why_set(why, EINVAL, "not the name of a counter");
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)name[i]) && name[i] != '_')
			return why_set(why, EINVAL, "not the name of a counter");
	}
	contents = malloc(CONTENTS_MAX);
	if (!contents)
		return why_set(why, ENOMEM, "no memory");
	for (size_t i = 0; i < 2 && error == -ENOENT; i++) {
		error = file_read(paths[i], contents, CONTENTS_MAX, why);
		if (error)
			break;
		error = counter_find(contents, name, value);
		if (error == -EPROTO)
			why_set(why, EPROTO, "%s is not as expected", paths[i]);
		else if (error)
			why_set(why, ENOENT, "the kernel has no counter %s", name);
	}
	free(contents);
	return error;
}
