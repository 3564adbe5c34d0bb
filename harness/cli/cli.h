/*
 * cli: the verbs, and what they share. A verb parses its own command line, prints its results on
 * stdout and everything else on stderr, and returns the exit status (enum exit_status).
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "run/run.h"
#include <stdio.h>
/* getopt's struct option is another than ours, and nothing here needs it: it gets another name. */
#define option getopt_option
#include <argp.h>
#undef option

struct verb {
	const char *name;
	const char *summary; /* one line, for the list of verbs */
	int (*run)(int argc, char **argv);
};

/* argv[0] is how the verb is called: "lastack run". It may be changed. */
int verb_run(int argc, char **argv);
int verb_list(int argc, char **argv);
int verb_show(int argc, char **argv);
int verb_probe(int argc, char **argv);
int verb_doctor(int argc, char **argv);
int verb_agent(int argc, char **argv);
/* What a guest kernel starts as its init; not for people. */
int verb_guest(int argc, char **argv);
/* What a stack starts that programs run on; not for people. */
int verb_services(int argc, char **argv);

/*
 * Command lines. A verb's input to argp starts with a struct parsing; its parser hands what it does
 * not know to options_other(), and refuses a value with options_refuse(). An error is one line on
 * stderr, which names what was typed and the way out.
 */
struct parsing {
	const struct argp *argp;
	const char *verb; /* "lastack run" */
	bool told;	  /* the error is on stderr */
	bool done;	  /* help or version was shown: nothing is left to do */
};
#define KEY_VERSION 'V'
#define KEY_HELP 'h'
/* The two options of every verb, for the end of its table. */
#define OPTIONS_OF_ALL                                                                             \
	{"help", KEY_HELP, NULL, 0, "show this text", -1},                                         \
	{                                                                                          \
		"version", KEY_VERSION, NULL, 0, "show the version", -1                            \
	}

/* Parse. True: go on. False: the verb is done, with *status. */
bool options_parse(struct parsing *parsing, const struct argp *argp, int argc, char **argv,
		   int *status);
error_t options_other(int key, char *arg, struct argp_state *state);
error_t options_refuse(struct argp_state *state, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Splits "NAME=VALUE" of --sysctl in place, or refuses it: out holds pointers into arg. */
struct lab_sysctl;
error_t options_sysctl(struct argp_state *state, char *arg, struct lab_sysctl *out);

/* What is wrong with the option at argv[next - 1] or argv[next], by this table. False: nothing. */
bool options_diagnose(const struct argp_option *table, char *const *argv, int argc, int next,
		      struct why *why);

/* A whole number without sign in [low, high]; base as for strtoull(). */
bool number_parse(const char *typed, int base, unsigned long long low, unsigned long long high,
		  unsigned long long *out);
/* A value as a message shows it: '' for an empty one. */
const char *shown(const char *typed);
/* Append " --NAME WORD", for the command that runs a case again, quoted where a shell needs it. */
void command_option(struct buffer *command, const char *name, const char *word);

/* "as text", one line on stderr; returns status. */
int complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Columns that text on stdout may have: those of COLUMNS or of the terminal, from 40 to 100; 100 on
 * a pipe. Wider text is hard to read.
 */
int text_width(void);
/* JSON could not be printed: EXIT_HARNESS. That stdout cannot be written to is told by main(). */
int json_complain(void);

/* Text in lines of at most width columns, each but the first indented. The first starts at column
 * indent already. */
void print_wrapped(FILE *out, int indent, int width, const char *text);

/* The catalogue, as far as the selectors mean it. 0, or an exit status, and the reason is told. */
int catalogue_open(struct catalogue *out, char *const *selectors, size_t n);

/*
 * lastack list --requirements: what of the table the cases show, as far as the selectors mean it.
 * Returns the exit status.
 */
int requirements_list(char *const *selectors, size_t n, bool json);

/* "agent, sysctls" for bits of enum need, of which 0 is DUT_AGENT; "ipv4, ipv6" of a record. */
#define WORDS_MAX 64
const char *needs_text(unsigned needs, char out[WORDS_MAX]);
const char *over_text(const struct case_record *record, char out[WORDS_MAX]);
/* "5 s", "1.5 s", "500 ms". */
const char *budget_text(nanos budget, char out[WORDS_MAX]);

#endif
