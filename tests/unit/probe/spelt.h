/*
 * For the tests of the probe room: cmocka, and an error that must say this.
 */
#ifndef TESTS_UNIT_PROBE_SPELT_H
#define TESTS_UNIT_PROBE_SPELT_H

#include "probe/probe.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define CASES(table) (sizeof(table) / sizeof((table)[0]))

#endif
