/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-sandbox - every act that a worker must not do, done from within: it ends the process and is
 * named, or is refused with its error; and what a worker lives by works. Built without sanitizers
 * always, since they would take the filter's place.
 */
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forbidden.h"
#include "worker/sandbox.h"

#define SOCKET      3 /* as in a worker; standard input is the message */
#define NO_SUCH     500
#define SETUP_FAILS 250
#define MESSAGE     "Subject: inside\n"

static iconv_t opened_before;

/* Of an act: what it came to as an errno, 0 for done. */
static int
result(long done)
{
	return done < 0 ? errno : 0;
}

static int
act_open(void)
{
	return result(open("/etc/passwd", O_RDONLY));
}

static int
act_open_own(void)
{
	return result(open("/proc/self/mem", O_RDWR));
}

static int
act_create(void)
{
	return result(openat(AT_FDCWD, "/tmp/flagpost-escaped", O_WRONLY | O_CREAT, 0600));
}

static int
act_openat2(void)
{
	struct open_how how = { .flags = O_RDONLY };

	return result(syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof how));
}

static int
act_stat(void)
{
	struct stat st;

	return result(stat("/etc/passwd", &st));
}

static int
act_unlink(void)
{
	return result(unlink("/nowhere/flagpost"));
}

static int
act_socket(void)
{
	return result(socket(AF_INET, SOCK_STREAM, 0));
}

static int
act_connect(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/run/x" };

	return result(connect(SOCKET, (struct sockaddr *)&address, sizeof address));
}

static int
act_send_elsewhere(void)
{
	struct msghdr message = { 0 };

	return result(sendmsg(STDIN_FILENO, &message, 0));
}

static int
act_execve(void)
{
	char *arguments[] = { NULL };

	return result(execve("/bin/true", arguments, arguments));
}

static int
act_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return result(pid);
}

static int
act_clone3(void)
{
	return result(syscall(SYS_clone3, NULL, 0));
}

static int
act_ptrace(void)
{
	return result(ptrace(PTRACE_ATTACH, 1, NULL, NULL));
}

static int
act_process_vm_readv(void)
{
	return result(syscall(SYS_process_vm_readv, 1, NULL, 0, NULL, 0, 0));
}

static int
act_bpf(void)
{
	return result(syscall(SYS_bpf, 0, NULL, 0));
}

static int
act_keyctl(void)
{
	return result(syscall(SYS_keyctl, 0, 0));
}

static int
act_io_uring(void)
{
	return result(syscall(SYS_io_uring_setup, 1, NULL));
}

static int
act_map_executable(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? errno : 0;
}

static int
act_make_executable(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? SETUP_FAILS : result(mprotect(page, 4096, PROT_EXEC));
}

static int
act_kill(void)
{
	return result(kill(1, 0));
}

static int
act_kill_thread(void)
{
	return result(syscall(SYS_tgkill, 1, 1, 0));
}

static int
act_take_handler(void)
{
	return signal(SIGSYS, SIG_IGN) == SIG_ERR ? errno : 0;
}

static int
act_prctl(void)
{
	return result(syscall(SYS_prctl, 0, 0, 0, 0, 0));
}

static int
act_asynchronous(void)
{
	return result(fcntl(SOCKET, F_SETFL, O_ASYNC));
}

static int
act_map_file_executable(void)
{
	int fd = memfd_create("code", MFD_CLOEXEC);
	void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);

	return page == MAP_FAILED ? errno : 0;
}

static int
act_raise_limit(void)
{
	struct rlimit more = { 1000, 1000 };

	return result(setrlimit(RLIMIT_NPROC, &more));
}

static int
act_creat(void)
{
	return result(syscall(SYS_creat, "/tmp/flagpost-escaped", 0600));
}

static int
act_thread(void)
{
	return result(syscall(SYS_clone, 0x10f00 /* as pthread_create asks */, NULL, 0, 0, 0));
}

#if defined(__x86_64__)
/* By the gate of 32-bit programs, whose numbers mean other calls. */
static int
act_other_gate(void)
{
	int answer = 20; /* getpid there */

	__asm__ volatile("int $0x80" : "+a"(answer) : : "memory");
	return answer < 0 ? -answer : 0;
}

/* The numbers of x32, which are those of x86-64 with a bit set. */
static int
act_x32(void)
{
	return result(syscall(0x40000000 + SYS_socket, 0, 0, 0));
}
#endif

static int
act_terminal(void)
{
	char byte = 'x';

	return result(ioctl(STDIN_FILENO, TIOCSTI, &byte));
}

static int
act_newcomer(void)
{
	return result(syscall(NO_SUCH));
}

static int
act_converter(void)
{
	iconv_t late = iconv_open("UTF-8", "EUC-TW");

	return late == (iconv_t)-1 ? errno : 0;
}

static int
act_abort(void)
{
	abort();
}

static int
act_memfd(void)
{
	char bytes[8] = "";
	int fd = memfd_create("part", MFD_CLOEXEC);

	if (fd < 0 || write(fd, "content", 7) != 7 || lseek(fd, 0, SEEK_SET) != 0 ||
	    read(fd, bytes, 7) != 7)
		return errno;
	void *view = mmap(NULL, 7, PROT_READ, MAP_PRIVATE, fd, 0);
	if (view == MAP_FAILED)
		return errno;
	bool same = memcmp(view, bytes, 7) == 0;
	munmap(view, 7);
	return same ? result(close(fd)) : EIO;
}

static int
act_memfd_grows(void)
{
	int fd = memfd_create("part", MFD_CLOEXEC);
	char *block = calloc(1, 1024 * 1024);

	for (int i = 0; i < 64; i++)
		if (write(fd, block, 1024 * 1024) < 0)
			return errno;
	return 0;
}

static int
act_much_memory(void)
{
	void *much = mmap(NULL, (size_t)1 << 32, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return much == MAP_FAILED ? errno : 0;
}

static int
act_many_descriptors(void)
{
	for (int i = 0; i < 1000; i++)
		if (dup(STDIN_FILENO) < 0)
			return errno;
	return 0;
}

static int
act_read_message(void)
{
	char bytes[sizeof MESSAGE] = "";
	struct stat st;

	if (fstat(STDIN_FILENO, &st) < 0 ||
	    pread(STDIN_FILENO, bytes, sizeof bytes - 1, 0) != sizeof bytes - 1)
		return errno;
	return strcmp(bytes, MESSAGE) == 0 && st.st_size == strlen(MESSAGE) ? 0 : EIO;
}

static int
act_answer(void)
{
	char text[] = "verdict";
	struct iovec part = { text, sizeof text };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	return result(sendmsg(SOCKET, &message, MSG_NOSIGNAL | MSG_DONTWAIT));
}

static int
act_convert(void)
{
	char in[] = "\xC8\xD5", out[8], *from = in, *to = out;
	size_t left = 2, room = sizeof out;

	if (iconv(opened_before, &from, &left, &to, &room) == (size_t)-1)
		return errno;
	return memcmp(out, "\xE6\x97\xA5", 3) == 0 ? 0 : EIO;
}

static int
act_memory(void)
{
	char *block = malloc(64 * 1024 * 1024);

	if (block == NULL)
		return errno;
	memset(block, 1, 64 * 1024 * 1024);
	block = realloc(block, 128 * 1024 * 1024);
	if (block == NULL)
		return errno;
	free(block);
	return 0;
}

struct act {
	const char *label;
	int (*act)(void);
	int problem;      /* errno; 0: it must work; ignored with a signal */
	int signal;       /* that ends the process; 0: none */
	const char *call; /* as the log names it; NULL: not named */
};

static const struct act acts[] = {
	{ "no file: reading", act_open, EACCES, 0, NULL },
	{ "no file: own memory", act_open_own, EACCES, 0, NULL },
	{ "no file: making one", act_create, EACCES, 0, NULL },
	{ "no file: openat2", act_openat2, ENOSYS, 0, NULL },
	{ "no file: looking at one", act_stat, EACCES, 0, NULL },
	{ "no file: deleting", act_unlink, 0, SIGSYS, "unlink" },
	{ "no network: socket", act_socket, 0, SIGSYS, "socket" },
	{ "no network: connect", act_connect, 0, SIGSYS, "connect" },
	{ "no message but to the parent", act_send_elsewhere, 0, SIGSYS, "sendmsg" },
	{ "no program: execve", act_execve, 0, SIGSYS, "execve" },
	{ "no process: fork", act_fork, 0, SIGSYS, "clone" },
	{ "no process: clone3", act_clone3, ENOSYS, 0, NULL },
	{ "no look at others: ptrace", act_ptrace, 0, SIGSYS, "ptrace" },
	{ "no look at others: memory", act_process_vm_readv, 0, SIGSYS, "process_vm_readv" },
	{ "no way into the kernel: bpf", act_bpf, 0, SIGSYS, "bpf" },
	{ "no way into the kernel: keyctl", act_keyctl, 0, SIGSYS, "keyctl" },
	{ "no way into the kernel: io_uring", act_io_uring, 0, SIGSYS, "io_uring_setup" },
	{ "no code: mapped", act_map_executable, 0, SIGSYS, "mmap" },
	{ "no code: made so", act_make_executable, 0, SIGSYS, "mprotect" },
	{ "no code: a file's", act_map_file_executable, 0, SIGSYS, "mmap" },
	{ "no file: creat", act_creat, EACCES, 0, NULL },
	{ "no thread", act_thread, 0, SIGSYS, "clone" },
	{ "no limit raised", act_raise_limit, EPERM, 0, NULL },
#if defined(__x86_64__)
	{ "no other gate", act_other_gate, 0, SIGSYS, NULL },
	{ "no other numbers", act_x32, 0, SIGSYS, NULL },
#endif
	{ "no signal to others: kill", act_kill, 0, SIGSYS, "kill" },
	{ "no signal to others: tgkill", act_kill_thread, 0, SIGSYS, "tgkill" },
	{ "no way out: the handler", act_take_handler, 0, SIGSYS, "rt_sigaction" },
	{ "no way out: prctl", act_prctl, 0, SIGSYS, "prctl" },
	{ "no signals on the socket", act_asynchronous, 0, SIGSYS, "fcntl" },
	{ "no typing on a terminal", act_terminal, ENOTTY, 0, NULL },
	{ "a call newer than the filter", act_newcomer, ENOSYS, 0, NULL },
	{ "a converter asked for too late", act_converter, EINVAL, 0, NULL },
	{ "an abort is one", act_abort, 0, SIGABRT, NULL },
	{ "limits: a part that grows", act_memfd_grows, EFBIG, 0, NULL },
	{ "limits: memory", act_much_memory, ENOMEM, 0, NULL },
	{ "limits: descriptors", act_many_descriptors, EMFILE, 0, NULL },
	{ "works: memfd", act_memfd, 0, 0, NULL },
	{ "works: the message", act_read_message, 0, 0, NULL },
	{ "works: the answer", act_answer, 0, 0, NULL },
	{ "works: a converter opened before", act_convert, 0, 0, NULL },
	{ "works: memory", act_memory, 0, 0, NULL },
};

static const struct limits limits = {
	.unpacked = 1024 * 1024,
	.seconds_per_message = 10,
	.messages_per_worker = 10,
	.worker_memory = 1024 * 1024 * 1024,
};

static void
confined(const struct act *act, const struct call *call, int message, int socket, int log)
{
	g_autoptr(GError) error = NULL;

	/* Standard descriptors and the socket move to where a worker has them. */
	message = fcntl(message, F_DUPFD, 100);
	socket = fcntl(socket, F_DUPFD, 100);
	log = fcntl(log, F_DUPFD, 100);
	if (dup2(message, STDIN_FILENO) < 0 || dup2(socket, SOCKET) < 0 ||
	    dup2(log, STDERR_FILENO) < 0 || !sandbox_enter(&limits, SOCKET, &error)) {
		dprintf(STDERR_FILENO, "%s\n", error != NULL ? error->message : "dup2");
		_exit(SETUP_FAILS);
	}
	if (call != NULL)
		_exit(result(syscall(call->number, 0, 0, 0, 0, 0, 0)));
	_exit(act->act());
}

static void
try_act(const struct act *act, const struct call *call)
{
	int pair[2], log[2], status;
	int message = memfd_create("message", MFD_CLOEXEC);
	char said[512] = "";

	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
	g_assert_cmpint(pipe(log), ==, 0);
	g_assert_cmpint(write(message, MESSAGE, strlen(MESSAGE)), ==, strlen(MESSAGE));
	pid_t pid = fork();
	if (pid == 0)
		confined(act, call, message, pair[1], log[1]);
	close(log[1]);
	for (gsize used = 0; used < sizeof said - 1;) {
		gssize n = read(log[0], said + used, sizeof said - 1 - used);
		if (n <= 0)
			break;
		used += (gsize)n;
	}
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_autofree char *expected =
	    act->call != NULL
		? g_strdup_printf(
		      "flagpost worker: sandbox: forbidden system call: %s\n", act->call)
		: g_strdup("");
	g_assert_cmpstr(said, ==, expected);
	g_assert_cmpint(WIFSIGNALED(status) ? WTERMSIG(status) : 0, ==, act->signal);
	if (act->signal == 0)
		g_assert_cmpint(WEXITSTATUS(status), ==, act->problem);
	close(log[0]);
	close(pair[0]);
	close(pair[1]);
	close(message);
}

static void
test_act(gconstpointer data)
{
	try_act(data, NULL);
}

static void
test_call(gconstpointer data)
{
	const struct call *call = data;
	const struct act dies = { call->name, NULL, 0, SIGSYS, call->name };

	try_act(&dies, call);
}

/* Says that it is there and waits: what the kernel thinks of it is asked from outside. */
static int
act_wait(void)
{
	struct pollfd ready = { SOCKET, POLLIN, 0 };

	act_answer();
	return poll(&ready, 1, -1) == 1 ? 0 : errno;
}

static guint64
status_number(const char *status, const char *key)
{
	const char *at = strstr(status, key);

	g_assert_nonnull(at);
	return g_ascii_strtoull(at + strlen(key), NULL, 10);
}

static void
check_bound(pid_t pid, int resource, guint64 most)
{
	struct rlimit bound;

	if (prlimit(pid, (enum __rlimit_resource)resource, NULL, &bound) < 0) {
		g_assert_cmpint(
		    errno, ==, EPERM); /* only root may ask about one that is not dumpable */
		return;
	}
	g_assert_cmpuint(bound.rlim_max, <=, most);
}

static void
test_from_outside(void)
{
	static const struct act wait = { "waits", act_wait, 0, 0, NULL };
	g_autofree char *status = NULL;
	int pair[2], pid_status, open_before = dup(STDIN_FILENO);
	char said[16];

	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(pair[0]);
		confined(&wait, NULL, STDIN_FILENO, pair[1], STDERR_FILENO);
	}
	close(pair[1]);
	g_assert_cmpint(read(pair[0], said, sizeof said), >, 0);
	g_autofree char *file = g_strdup_printf("/proc/%d/status", (int)pid);
	g_assert_true(g_file_get_contents(file, &status, NULL, NULL));
	g_assert_cmpuint(status_number(status, "NoNewPrivs:"), ==, 1);
	g_assert_cmpuint(status_number(status, "\nSeccomp:"), ==, 2);
	g_assert_cmpint(getsid(pid), ==, pid);
	check_bound(pid, RLIMIT_CORE, 0);
	check_bound(pid, RLIMIT_NPROC, 0);
	check_bound(pid, RLIMIT_NOFILE, 64);
	check_bound(pid, RLIMIT_AS, limits.worker_memory);
	check_bound(pid, RLIMIT_CPU, limits.seconds_per_message * limits.messages_per_worker + 70);
	check_bound(pid, RLIMIT_FSIZE, limits.unpacked + 16 * 1024 * 1024);
	g_autofree char *folder = g_strdup_printf("/proc/%d/fd", (int)pid);
	g_autoptr(GDir) listing = g_dir_open(folder, 0, NULL);
	for (const char *name; listing != NULL && (name = g_dir_read_name(listing)) != NULL;)
		g_assert_cmpuint(g_ascii_strtoull(name, NULL, 10), <=, SOCKET);
	close(pair[0]);
	g_assert_cmpint(waitpid(pid, &pid_status, 0), ==, pid);
	g_assert_cmpint(pid_status, ==, 0);
	close(open_before);
}

/* The layers are named: what this kernel gives, and the rest as lacking. */
static int
act_describe(void)
{
	const char *layers = sandbox_describe();

	return strstr(layers, "seccomp") != NULL && strstr(layers, "landlock") != NULL &&
		       strstr(layers, "no-new-privileges") != NULL
		   ? 0
		   : EIO;
}

int
main(int argc, char **argv)
{
	static const struct act describe = { "works: the layers are named", act_describe, 0, 0,
		NULL };

	g_test_init(&argc, &argv, NULL);
	g_assert_cmpstr(sandbox_describe(), ==, "none");
	opened_before = iconv_open("UTF-8", "GB18030");
	g_assert_true(opened_before != (iconv_t)-1);
	for (gsize i = 0; i < G_N_ELEMENTS(acts); i++) {
		g_autofree char *path = g_strconcat("/worker/sandbox/", acts[i].label, NULL);
		g_test_add_data_func(path, &acts[i], test_act);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(calls); i++) {
		g_autofree char *path = g_strconcat("/worker/sandbox/call/", calls[i].name, NULL);
		g_test_add_data_func(path, &calls[i], test_call);
	}
	g_test_add_data_func("/worker/sandbox/described", &describe, test_act);
	g_test_add_func("/worker/sandbox/from-outside", test_from_outside);
	return g_test_run();
}
