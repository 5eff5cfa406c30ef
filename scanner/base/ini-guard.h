/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_INI_GUARD_H
#define FLAGPOST_BASE_INI_GUARD_H
/*
 * ini-guard - proves that iniparser reads a file as ini.c does. For ini.c alone.
 */
#include "base/ini.h"

/*
 * Loads text, the very bytes that ini was parsed from, with iniparser and compares the number
 * of sections and keys and every value byte for byte. Every difference is an error problem.
 * Not thread-safe: iniparser's error callback is global.
 */
void ini_guard(const struct ini *ini, GBytes *text, struct problems *problems);

#endif
