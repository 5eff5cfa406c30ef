/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_THREAD_H
#define FLAGPOST_BASE_THREAD_H
/*
 * thread - a thread that gets no signals: they are the main thread's, whose loop waits for them.
 */
#include <glib.h>

/* NULL where none is to be had. name: 15 bytes at most. To be joined. */
GThread *thread_begin(const char *name, GThreadFunc run, gpointer data);

#endif
