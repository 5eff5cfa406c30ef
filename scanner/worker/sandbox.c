/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sandbox - see sandbox.h. Never goes on after a layer that could not be laid. */
#include "worker/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
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
#define FILE_SLACK      (16 * 1024 * 1024) /* what may be written before a limit is looked at */
#define START_SECONDS   60                 /* of processor time besides that for messages */
#define CALLS_MAX       512                /* numbers below it have a name or are ENOSYS */
#define CALL_NAME_MAX   32

static bool entered;
static char layers[256];
static char call_names[CALLS_MAX][CALL_NAME_MAX];

static void add_layer(const char *format, ...) G_GNUC_PRINTF(1, 2);

static void
add_layer(const char *format, ...)
{
	gsize used = strlen(layers);
	va_list args;

	if (used > 0)
		used += g_strlcpy(layers + used, ", ", sizeof layers - used);
	va_start(args, format);
	g_vsnprintf(layers + used, sizeof layers - used, format, args);
	va_end(args);
}

/* --- descriptors, privileges, limits --- */

static bool
close_others(int keep_fd, GError **error)
{
	bool fine = keep_fd <= 3 || close_range(3, (unsigned)keep_fd - 1, 0) == 0;

	if (fine && close_range((unsigned)keep_fd + 1, ~0U, 0) == 0)
		return true;
	fault_errno(error, "sandbox: closing descriptors");
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
own_session(GError **error)
{
	if (getsid(0) == getpid() || setsid() >= 0)
		return true;
	fault_errno(error, "sandbox: own session");
	return false;
}

/* grace: from the warning to the kill, where the limit has both. */
static bool
limit(int resource, guint64 value, guint64 grace, const char *what, GError **error)
{
	struct rlimit bound = { value, value + grace };
	struct rlimit now;

	/* An administrator's own, lower bound stays. */
	if (getrlimit(resource, &now) == 0 && now.rlim_max < bound.rlim_max) {
		bound.rlim_max = now.rlim_max;
		bound.rlim_cur = MIN(bound.rlim_cur, now.rlim_max);
	}
	if (setrlimit(resource, &bound) == 0)
		return true;
	fault_errno(error, "sandbox: limit of %s", what);
	return false;
}

static bool
lay_limits(const struct limits *limits, GError **error)
{
	/* For the life of a worker: a single message's time is the parent's to watch. */
	guint64 seconds = limits->messages_per_worker * limits->seconds_per_message + START_SECONDS;

	/* A part that grows too long is to be an error, not a death. */
	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR) {
		fault_errno(error, "sandbox: signal of file size");
		return false;
	}
	if (!limit(RLIMIT_CORE, 0, 0, "core dumps", error) ||
	    !limit(RLIMIT_NOFILE, DESCRIPTORS_MAX, 0, "descriptors", error) ||
	    !limit(RLIMIT_FSIZE, limits->unpacked + FILE_SLACK, 0, "file size", error) ||
	    !limit(RLIMIT_CPU, seconds, 10, "processor time", error))
		return false;
	/* The leak checker looks at its process from a second one. */
	return SANDBOX_SANITIZED ||
	       (limit(RLIMIT_NPROC, 0, 0, "processes", error) &&
		   limit(RLIMIT_AS, limits->worker_memory, 0, "memory", error));
}

/* --- Landlock (kernel.org, userspace-api/landlock): no rule, so no file at all --- */

/* As of ABI 6; Debian 12's header ends with ABI 1. */
struct landlock_powers {
	guint64 files;
	guint64 network;
	guint64 scopes;
};

/* Lays what the kernel knows and returns its ABI: 0 when it has no Landlock, -1 on failure. */
static int
lay_landlock(GError **error)
{
	/* How many rights there are, from the first bit on, with each ABI from 1. */
	static const struct {
		guint8 files, network, scopes;
	} known[] = { { 13, 0, 0 }, { 14, 0, 0 }, { 15, 0, 0 }, { 15, 2, 0 }, { 16, 2, 0 },
		{ 16, 2, 2 } };
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (abi < 1 && (errno == ENOSYS || errno == EOPNOTSUPP))
		return 0;
	if (abi >= 1) {
		gsize i = MIN((gsize)abi, G_N_ELEMENTS(known)) - 1;
		struct landlock_powers powers = { (G_GUINT64_CONSTANT(1) << known[i].files) - 1,
			(G_GUINT64_CONSTANT(1) << known[i].network) - 1,
			(G_GUINT64_CONSTANT(1) << known[i].scopes) - 1 };
		int rules = (int)syscall(SYS_landlock_create_ruleset, &powers, sizeof powers, 0);
		if (rules >= 0 && syscall(SYS_landlock_restrict_self, rules, 0) == 0 &&
		    close(rules) == 0)
			return (int)abi;
	}
	fault_errno(error, "sandbox: Landlock");
	return -1;
}

/* --- seccomp --- */

/* What a worker lives by. Those with arguments that matter are in add_bounded. */
static const int allowed[] = { SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev),
	SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(lseek), SCMP_SYS(fstat), SCMP_SYS(close),
	SCMP_SYS(dup), SCMP_SYS(fsync), SCMP_SYS(ftruncate), SCMP_SYS(memfd_create), SCMP_SYS(poll),
	SCMP_SYS(ppoll), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(brk), SCMP_SYS(munmap),
	SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(sysinfo), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(restart_syscall), SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom),
	SCMP_SYS(getpid), SCMP_SYS(gettid) };

/* Libraries try these and go on without: converters, time zones, configuration, terminals. */
static const struct {
	int call;
	int problem;
} refused[] = {
	{ SCMP_SYS(open), EACCES },
	{ SCMP_SYS(openat), EACCES },
	{ SCMP_SYS(creat), EACCES },
	{ SCMP_SYS(access), EACCES },
	{ SCMP_SYS(faccessat), EACCES },
	{ SCMP_SYS(faccessat2), EACCES },
	{ SCMP_SYS(stat), EACCES },
	{ SCMP_SYS(lstat), EACCES },
	{ SCMP_SYS(statx), EACCES },
	{ SCMP_SYS(statfs), EACCES },
	{ SCMP_SYS(readlink), EACCES },
	{ SCMP_SYS(readlinkat), EACCES },
	{ SCMP_SYS(getcwd), EACCES },
	{ SCMP_SYS(ioctl), ENOTTY },
	{ SCMP_SYS(prlimit64), EPERM },
	{ SCMP_SYS(getrlimit), EPERM },
	{ SCMP_SYS(clone3), ENOSYS },
	{ SCMP_SYS(openat2), ENOSYS },
};

/*
 * Runs where the call was made: only calls that are safe there, and allowed. The handler is gone
 * by then (SA_RESETHAND), so the signal that it sends is the end.
 */
static void
on_forbidden(int number, siginfo_t *info, G_GNUC_UNUSED void *context)
{
	static char start[] = "flagpost worker: sandbox: forbidden system call: ", end[] = "\n";
	static char unknown[] = "without a name";
	int call = info->si_syscall;
	char *name = call >= 0 && call < CALLS_MAX && call_names[call][0] != '\0' ? call_names[call]
										  : unknown;
	const struct iovec line[] = { { start, sizeof start - 1 }, { name, strlen(name) },
		{ end, sizeof end - 1 } };
	ssize_t written = writev(STDERR_FILENO, line, G_N_ELEMENTS(line));

	(void)written; /* there is nobody to tell */
	syscall(SYS_tgkill, getpid(), gettid(), number);
	_exit(128 + number);
}

static bool
catch_forbidden(void)
{
	struct sigaction action = { .sa_sigaction = on_forbidden,
		.sa_flags = (int)(SA_SIGINFO | SA_RESETHAND | SA_NODEFER) };
	sigset_t forbidden;

	for (int i = 0; i < CALLS_MAX; i++) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, i);
		g_strlcpy(call_names[i], name != NULL ? name : "", CALL_NAME_MAX);
		free(name);
	}
	sigemptyset(&forbidden);
	sigaddset(&forbidden, SIGSYS);
	return sigaction(SIGSYS, &action, NULL) == 0 &&
	       sigprocmask(SIG_UNBLOCK, &forbidden, NULL) == 0;
}

static int
allow_if(scmp_filter_ctx filter, int call, struct scmp_arg_cmp comparison)
{
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &comparison);
}

/* The kernel looks at the lower half of an int only, whatever stands above it. */
static struct scmp_arg_cmp
argument_is(unsigned number, guint32 mask, guint32 value)
{
	return (struct scmp_arg_cmp){ number, SCMP_CMP_MASKED_EQ, mask, value };
}

/* Calls that are allowed with some arguments only. */
static int
add_bounded(scmp_filter_ctx filter, int socket)
{
	static const int commands[] = { F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL,
		F_ADD_SEALS, F_GET_SEALS };
	const struct scmp_arg_cmp not_executable = argument_is(2, PROT_EXEC, 0);
	const struct scmp_arg_cmp our_socket = argument_is(0, G_MAXUINT32, (guint32)socket);
	const struct scmp_arg_cmp ourselves = argument_is(0, G_MAXUINT32, (guint32)getpid());
	const struct scmp_arg_cmp by_path = argument_is(3, AT_EMPTY_PATH, 0);
	int done = allow_if(filter, SCMP_SYS(mmap), not_executable);

	done |= allow_if(filter, SCMP_SYS(mprotect), not_executable);
	done |= allow_if(filter, SCMP_SYS(sendmsg), our_socket);
	done |= allow_if(filter, SCMP_SYS(recvmsg), our_socket);
	/* abort and the handler above; to nobody else. */
	done |= allow_if(filter, SCMP_SYS(tgkill), ourselves);
	/* glibc's fstat. */
	done |=
	    allow_if(filter, SCMP_SYS(newfstatat), argument_is(3, AT_EMPTY_PATH, AT_EMPTY_PATH));
	done |= seccomp_rule_add_array(
	    filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(newfstatat), 1, &by_path);
	for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
		done |= allow_if(
		    filter, SCMP_SYS(fcntl), argument_is(1, G_MAXUINT32, (guint32)commands[i]));
	return done;
}

static int
add_rules(scmp_filter_ctx filter, int socket)
{
	int done = add_bounded(filter, socket);

	for (gsize i = 0; i < G_N_ELEMENTS(allowed); i++)
		done |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	for (gsize i = 0; i < G_N_ELEMENTS(refused); i++)
		done |= seccomp_rule_add(
		    filter, SCMP_ACT_ERRNO((guint16)refused[i].problem), refused[i].call, 0);
	/* Newer than libseccomp: a newer C library asks whether they are there. */
	for (int i = 0; i < CALLS_MAX; i++)
		if (call_names[i][0] == '\0')
			done |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), i, 0);
	return done;
}

static bool
lay_seccomp(int socket, GError **error)
{
	scmp_filter_ctx filter = NULL;
	bool fine = catch_forbidden() && (filter = seccomp_init(SCMP_ACT_TRAP)) != NULL;

	fine = fine &&
	       seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
	       seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 &&
	       add_rules(filter, socket) == 0 && seccomp_load(filter) == 0;
	if (filter != NULL)
		seccomp_release(filter);
	if (!fine)
		g_set_error(
		    error, FAULT, FAULT_DENIED, "sandbox: the filter of system calls is refused");
	return fine;
}

static bool
kernel_has_seccomp(void)
{
	return prctl(PR_GET_SECCOMP, 0UL, 0UL, 0UL, 0UL) >= 0 || errno != EINVAL;
}

/* --- */

static bool
opens_nothing(GError **error)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return true;
	close(fd);
	g_set_error(error, FAULT, FAULT_DENIED, "sandbox: a file opens from within");
	return false;
}

/* What confines beyond limits and privileges. */
static bool
lay_walls(int keep_fd, GError **error)
{
	if (SANDBOX_SANITIZED) {
		add_layer("no seccomp and no landlock under sanitizers");
		return true;
	}
	int landlock = lay_landlock(error);
	if (landlock < 0 || (landlock > 0 && !opens_nothing(error)))
		return false;
	if (!kernel_has_seccomp())
		add_layer("no seccomp in this kernel");
	else if (lay_seccomp(keep_fd, error))
		add_layer("seccomp");
	else
		return false;
	if (landlock > 0)
		add_layer("landlock %d", landlock);
	else
		add_layer("no landlock in this kernel");
	return opens_nothing(error);
}

bool
sandbox_enter(const struct limits *limits, int keep_fd, GError **error)
{
	if (!close_others(keep_fd, error) || !privilege(PR_SET_DUMPABLE, 0, "no dump", error) ||
	    !privilege(PR_SET_PDEATHSIG, SIGKILL, "end with the parent", error) ||
	    !own_session(error) || !lay_limits(limits, error) ||
	    !privilege(PR_SET_NO_NEW_PRIVS, 1, "no new privileges", error) ||
	    !lay_walls(keep_fd, error))
		return false;
	add_layer("no-new-privileges, no-dump, no-descriptors, own-session, %s",
	    SANDBOX_SANITIZED ? "limits but of memory" : "limits");
	entered = true;
	return true;
}

const char *
sandbox_describe(void)
{
	return entered ? layers : "none";
}
