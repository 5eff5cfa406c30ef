/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/process.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/log.h"

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED
#endif
#endif

bool
process_start(const char *command, int socket, int at_fd, pid_t *pid, GError **error)
{
	char *const argv[] = { (char *)"flagpost", (char *)command, NULL };
	posix_spawn_file_actions_t actions;
	int failed;

	posix_spawn_file_actions_init(&actions);
	/* All other descriptors are close-on-exec; dup2 takes that off, also onto itself. */
	posix_spawn_file_actions_adddup2(&actions, socket, at_fd);
	failed = posix_spawn(pid, "/proc/self/exe", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (failed == 0)
		return true;
	errno = failed;
	fault_errno(error, "start the %s", command);
	return false;
}

void
process_end(pid_t pid)
{
	kill(pid, SIGKILL);
	TEMP_FAILURE_RETRY(waitpid(pid, NULL, 0));
}

void
process_shut_in(void)
{
	static const int theirs[] = { SIGINT, SIGTERM, SIGHUP };
	struct rlimit none = { 0, 0 };

	for (gsize i = 0; i < G_N_ELEMENTS(theirs); i++)
		signal(theirs[i], SIG_IGN);
	if (setrlimit(RLIMIT_CORE, &none) < 0)
		log_warning("core dumps: stay allowed: %s", g_strerror(errno));
#ifndef IS_SANITIZED /* its leak check traces the process */
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		log_warning("memory: stays readable for others of ours: %s", g_strerror(errno));
#endif
}
