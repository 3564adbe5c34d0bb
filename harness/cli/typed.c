/*
 * Words as they were typed: numbers read, and words written for a shell.
 */
#include "cli/cli.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool number_parse(const char *typed, int base, unsigned long long low, unsigned long long high,
		  unsigned long long *out)
{
	char *end;

	if (!isdigit((unsigned char)*typed))
		return false;
	errno = 0;
	*out = strtoull(typed, &end, base);
	return !errno && !*end && *out >= low && *out <= high;
}

const char *shown(const char *typed)
{
	return *typed ? typed : "''";
}

void command_option(struct buffer *command, const char *name, const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "_./=:,+-";

	buffer_printf(command, " --%s ", name);
	if (*word && !word[strspn(word, plain)]) {
		buffer_text(command, word);
		return;
	}
	buffer_text(command, "'");
	for (; *word; word++)
		buffer_text(command, *word == '\'' ? "'\\''" : (char[]){*word, '\0'});
	buffer_text(command, "'");
}
