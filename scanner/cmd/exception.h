/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_EXCEPTION_H
#define FLAGPOST_CMD_EXCEPTION_H
/*
 * exception - what a false positive leads to: an exception for the rule's file, and the test that
 * keeps it true. Text to be read and pasted by a person; nothing is written anywhere.
 */
#include <glib.h>

#include "store/view.h"

/* today: for the date on which the exception ends by itself. Free with g_free. */
char *exception_text(const struct view_flag *flag, const char *person, gint64 today);

#endif
