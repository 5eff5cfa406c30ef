/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sandbox - see sandbox.h. Never goes on after a layer that could not be laid. */
#include "worker/sandbox.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/fault.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANDBOX_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANDBOX_SANITIZED 1
#endif
#endif
#ifndef SANDBOX_SANITIZED
#define SANDBOX_SANITIZED 0
#endif

#define DESCRIPTORS_MAX 64 /* the socket, a message, and a memfd for each level of archives */

static bool entered;

static bool
limit(int resource, rlim_t value, const char *what, GError **error)
{
	struct rlimit bound = { value, value };
	struct rlimit now;

	/* An administrator's own, lower bound stays. */
	if (getrlimit(resource, &now) == 0 && now.rlim_max < value)
		bound.rlim_cur = bound.rlim_max = now.rlim_max;
	if (setrlimit(resource, &bound) == 0)
		return true;
	fault_errno(error, "sandbox: limit of %s", what);
	return false;
}

static bool
privilege(int option, unsigned long value, const char *what, GError **error)
{
	if (prctl(option, value, 0UL, 0UL, 0UL) == 0)
		return true;
	fault_errno(error, "sandbox: %s", what);
	return false;
}

static bool
close_others(int keep_fd, GError **error)
{
	bool fine = keep_fd <= 3 || close_range(3, (unsigned)keep_fd - 1, 0) == 0;

	if (fine && close_range((unsigned)keep_fd + 1, ~0U, 0) == 0)
		return true;
	fault_errno(error, "sandbox: closing descriptors");
	return false;
}

bool
sandbox_enter(const struct limits *limits, int keep_fd, GError **error)
{
	if (!close_others(keep_fd, error) || !privilege(PR_SET_DUMPABLE, 0, "no dump", error) ||
	    !privilege(PR_SET_PDEATHSIG, SIGKILL, "end with the parent", error) ||
	    !privilege(PR_SET_NO_NEW_PRIVS, 1, "no new privileges", error) ||
	    !limit(RLIMIT_CORE, 0, "core dumps", error) ||
	    !limit(RLIMIT_NOFILE, DESCRIPTORS_MAX, "descriptors", error))
		return false;
	if (!SANDBOX_SANITIZED && !limit(RLIMIT_AS, (rlim_t)limits->worker_memory, "memory", error))
		return false;
	entered = true;
	return true;
}

const char *
sandbox_describe(void)
{
	if (!entered)
		return "none";
	return SANDBOX_SANITIZED ? "no-new-privileges, no-dump, no-descriptors"
				 : "no-new-privileges, no-dump, no-descriptors, memory-limit";
}
