/* SPDX-License-Identifier: GPL-3.0-or-later */
/* thread - see thread.h. A thread begins with the signals blocked that its maker has blocked. */
#include "base/thread.h"

#include <pthread.h>
#include <signal.h>

GThread *
thread_begin(const char *name, GThreadFunc run, gpointer data)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	GThread *thread = g_thread_try_new(name, run, data, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return thread;
}
