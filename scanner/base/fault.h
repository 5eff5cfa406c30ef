/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_FAULT_H
#define FLAGPOST_BASE_FAULT_H
/*
 * fault - the kinds of failure, and the exit code that each means.
 *
 * Every fallible function returns a value and takes a GError ** last. The
 * domain is FAULT; the code below decides what is done, the text explains.
 * Text is composed on the way up with g_prefix_error and printed once, by
 * whoever handles it: lower case, no full stop, the thing named first.
 */
#include <glib.h>

#define FAULT fault_quark()

/* The numbers are the exit codes of sysexits.h (DESIGN section 7). */
enum fault {
	FAULT_USAGE = 64,  /* the command line */
	FAULT_DATA = 65,   /* hostile or broken input: a message, a frame, a failed rule test */
	FAULT_AWAY = 69,   /* a server cannot be reached or broke off; the next poll may succeed */
	FAULT_BUG = 70,    /* ours */
	FAULT_IO = 74,     /* disk, database */
	FAULT_RETRY = 75,  /* locked or busy; try again */
	FAULT_DENIED = 77, /* login refused, TLS refused, file permission */
	FAULT_CONFIG = 78, /* configuration or rule files */
};

GQuark fault_quark(void);

/* Sets a FAULT_IO error "what: strerror(errno)"; FAULT_DENIED for EACCES and EPERM. Keeps errno. */
void fault_errno(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The exit code for an error of any domain; FAULT_IO for domains that are not ours. 0 for NULL. */
int fault_exit_code(const GError *error);

#endif
