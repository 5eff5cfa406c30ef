/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/wire.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/fdpass.h"

enum { KIND_EMPTY, KIND_NOTE, KIND_FILE, KIND_BULK };

static const struct wire_kind kinds[] = {
	[KIND_EMPTY] = { "empty", "()", 16, false },
	[KIND_NOTE] = { "note", "(su)", 200, false },
	[KIND_FILE] = { "file", "(t)", 64, true },
	[KIND_BULK] = { "bulk", "as", 4 * 1024 * 1024, false },
};
static const struct wire_protocol protocol = { kinds, G_N_ELEMENTS(kinds) };

struct pair {
	struct wire *left, *right;
};

static void
pair_open(struct pair *pair)
{
	int fds[2];

	g_assert_true(wire_pair(fds, NULL));
	pair->left = wire_new(fds[0], &protocol);
	pair->right = wire_new(fds[1], &protocol);
}

static void
pair_close(struct pair *pair)
{
	g_clear_pointer(&pair->left, wire_free);
	g_clear_pointer(&pair->right, wire_free);
}

static int
some_file(const char *text)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	g_assert_cmpint(fd, >=, 0);
	g_assert_true(io_write_all(fd, text, strlen(text), NULL));
	return fd;
}

static guint
open_descriptors(void)
{
	guint n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void
assert_frame(struct wire *wire, guint kind, struct wire_frame *frame)
{
	g_autoptr(GError) error = NULL;
	enum wire_result result = wire_wait(wire, 5000, frame, &error);

	g_assert_no_error(error);
	g_assert_cmpint(result, ==, WIRE_FRAME);
	g_assert_cmpuint(frame->kind, ==, kind);
}

static void
test_round_trip(void)
{
	struct pair pair;
	struct wire_frame frame;
	g_autoptr(GError) error = NULL;

	pair_open(&pair);
	g_test_message("before anything was sent the reader is told to come again");
	g_assert_cmpint(wire_receive(pair.right, &frame, &error), ==, WIRE_AGAIN);
	g_test_message("a wait ends when its time is over");
	g_assert_cmpint(wire_wait(pair.right, 20, &frame, &error), ==, WIRE_AGAIN);

	g_test_message("order, text and descriptors arrive as they were queued");
	wire_queue(pair.left, KIND_NOTE, g_variant_new("(su)", "grüß dich", 7u), -1);
	wire_queue(
	    pair.left, KIND_FILE, g_variant_new("(t)", G_GUINT64_CONSTANT(1)), some_file("one"));
	wire_queue(pair.left, KIND_EMPTY, g_variant_new("()"), -1);
	wire_queue(
	    pair.left, KIND_FILE, g_variant_new("(t)", G_GUINT64_CONSTANT(2)), some_file("two"));
	g_assert_cmpuint(wire_pending(pair.left), >, 48);
	g_assert_true(wire_flush(pair.left, &error));
	g_assert_cmpuint(wire_pending(pair.left), ==, 0);

	assert_frame(pair.right, KIND_NOTE, &frame);
	const char *text;
	guint number;
	g_variant_get(frame.body, "(&su)", &text, &number);
	g_assert_cmpstr(text, ==, "grüß dich");
	g_assert_cmpuint(number, ==, 7);
	g_assert_cmpint(frame.fd, ==, -1);
	wire_frame_clear(&frame);

	static const struct {
		guint kind;
		const char *content;
	} rest[] = { { KIND_FILE, "one" }, { KIND_EMPTY, NULL }, { KIND_FILE, "two" } };
	for (gsize i = 0; i < G_N_ELEMENTS(rest); i++) {
		assert_frame(pair.right, rest[i].kind, &frame);
		if (rest[i].content != NULL) {
			g_autoptr(GBytes) bytes = io_read_fd(frame.fd, 10, &error);
			g_assert_no_error(error);
			g_assert_cmpmem(g_bytes_get_data(bytes, NULL), (int)g_bytes_get_size(bytes),
			    rest[i].content, 3);
			g_assert_true(fcntl(frame.fd, F_GETFD) & FD_CLOEXEC);
		}
		wire_frame_clear(&frame);
	}
	g_test_message("a peer that closes between frames has simply ended");
	g_clear_pointer(&pair.left, wire_free);
	g_assert_cmpint(wire_wait(pair.right, 1000, &frame, &error), ==, WIRE_EOF);
	pair_close(&pair);
}

static GVariant *
bulk(gsize bytes)
{
	g_autofree char *text = g_strnfill(bytes, 'x');
	const char *const items[] = { text, NULL };

	return g_variant_new_strv(items, -1);
}

/* More than a socket takes at once, both sides in one thread. */
static void
test_partial_writes(void)
{
	struct pair pair;
	struct wire_frame frame;
	g_autoptr(GError) error = NULL;
	guint got = 0;

	pair_open(&pair);
	for (guint i = 0; i < 10000; i++)
		wire_queue(pair.left, KIND_NOTE, g_variant_new("(su)", "small", i), -1);
	wire_queue(pair.left, KIND_BULK, bulk(3 * 1024 * 1024), -1);
	wire_queue(pair.left, KIND_FILE, g_variant_new("(t)", G_GUINT64_CONSTANT(9)),
	    some_file("behind the crowd"));
	g_test_message("a full socket is no error, and flushing all of it has an end");
	g_assert_true(wire_flush(pair.left, &error));
	g_assert_cmpuint(wire_pending(pair.left), >, 0);
	g_assert_false(wire_flush_all(pair.left, 30, &error));
	g_assert_error(error, FAULT, FAULT_RETRY);
	g_clear_error(&error);

	while (got < 10002) {
		g_assert_true(wire_flush(pair.left, &error));
		enum wire_result result = wire_receive(pair.right, &frame, &error);
		g_assert_no_error(error);
		if (result == WIRE_AGAIN)
			continue;
		g_assert_cmpint(result, ==, WIRE_FRAME);
		if (got < 10000) {
			guint number;
			g_variant_get(frame.body, "(&su)", NULL, &number);
			g_assert_cmpuint(number, ==, got);
		}
		g_assert_cmpint(frame.fd >= 0, ==, got == 10001);
		wire_frame_clear(&frame);
		got++;
	}
	pair_close(&pair);
}

/* Sixty bytes of a frame written by a peer that does not use wire.c. */
struct raw {
	const char *label;
	guint32 magic;
	guint16 kind, flags;
	guint32 length;
	const char *body;
	gsize body_bytes;
	guint fds;
	const char *says;
};

#define GOOD 0x31504c46u

static const struct raw lies[] = {
	{ "bytes of another protocol", 0x20544547, 0, 0, 1, "\0", 1, 0, "not of this protocol" },
	{ "a kind that is not in the table", GOOD, 4, 0, 1, "\0", 1, 0, "not of this protocol" },
	{ "a flag that nobody defined", GOOD, 0, 2, 1, "\0", 1, 0, "not of this protocol" },
	{ "four gigabytes are refused before memory is asked for", GOOD, KIND_NOTE, 0, 0xffffffff,
	    "", 0, 0, "4294967295 bytes announced" },
	{ "one byte over the kind's limit", GOOD, KIND_NOTE, 0, 201, "", 0, 0, "201 bytes" },
	{ "a descriptor where none belongs", GOOD, KIND_EMPTY, 0, 1, "\0", 1, 1,
	    "a needless descriptor" },
	{ "a descriptor announced where none belongs", GOOD, KIND_EMPTY, 1, 1, "\0", 1, 1,
	    "a needless descriptor" },
	{ "no descriptor where one belongs", GOOD, KIND_FILE, 0, 8, "12345678", 8, 0,
	    "no descriptor" },
	{ "a descriptor announced that did not come", GOOD, KIND_FILE, 1, 8, "12345678", 8, 0,
	    "no descriptor" },
	{ "two descriptors: the second must not stay open", GOOD, KIND_FILE, 1, 8, "12345678", 8, 2,
	    "surplus" },
	{ "more descriptors than we have room for", GOOD, KIND_FILE, 1, 8, "12345678", 8, 20,
	    "surplus" },
	{ "a string without its end", GOOD, KIND_NOTE, 0, 8, "abcdefgh", 8, 0, "normal form" },
	{ "text that is not UTF-8", GOOD, KIND_NOTE, 0, 9, "\xff\0\0\0\1\0\0\0\2", 9, 0,
	    "normal form" },
	{ "a body too short for its type", GOOD, KIND_FILE, 1, 3, "123", 3, 1, "normal form" },
};

static void
send_raw(int fd, const struct raw *raw)
{
	char bytes[256], control[CMSG_SPACE(sizeof(int) * 20)] = { 0 };
	struct iovec part = { bytes, 12 + raw->body_bytes };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	memcpy(bytes, &raw->magic, 4);
	memcpy(bytes + 4, &raw->kind, 2);
	memcpy(bytes + 6, &raw->flags, 2);
	memcpy(bytes + 8, &raw->length, 4);
	memcpy(bytes + 12, raw->body, raw->body_bytes);
	if (raw->fds > 0) {
		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * raw->fds);
		struct cmsghdr *head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int) * raw->fds);
		for (guint i = 0; i < raw->fds; i++)
			memcpy(CMSG_DATA(head) + i * sizeof(int), &fd, sizeof(int));
	}
	g_assert_cmpint(sendmsg(fd, &message, MSG_NOSIGNAL), ==, (gssize)part.iov_len);
}

static void
test_lies(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(lies); i++) {
		g_autoptr(GError) error = NULL;
		struct wire_frame frame;
		int fds[2];

		g_test_message("%s", lies[i].label);
		g_assert_true(wire_pair(fds, NULL));
		g_autoptr(wire) wire = wire_new(fds[0], &protocol);
		guint before = open_descriptors();
		send_raw(fds[1], &lies[i]);
		g_assert_cmpint(wire_wait(wire, 1000, &frame, &error), ==, WIRE_ERROR);
		g_assert_error(error, FAULT, FAULT_DATA);
		g_assert_nonnull(strstr(error->message, lies[i].says));
		g_assert_null(frame.body);
		g_assert_cmpint(frame.fd, ==, -1);
		g_assert_cmpuint(open_descriptors(), ==, before);
		/* It is not believed again, whatever comes. */
		g_clear_error(&error);
		g_assert_cmpint(wire_receive(wire, &frame, &error), ==, WIRE_ERROR);
		g_assert_nonnull(error);
		close(fds[1]);
	}
}

static void
test_cut_short(void)
{
	static const struct {
		const char *label;
		gsize bytes;
	} cases[] = {
		{ "the peer dies within a header", 5 },
		{ "the peer dies after a header", 12 },
		{ "the peer dies within a body", 15 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		struct wire_frame frame;
		int fds[2];

		g_test_message("%s", cases[i].label);
		g_assert_true(wire_pair(fds, NULL));
		g_autoptr(wire) wire = wire_new(fds[0], &protocol);
		g_assert_true(
		    io_write_all(fds[1], "FLP1\1\0\0\0\20\0\0\0abcdefgh", cases[i].bytes, NULL));
		g_assert_cmpint(wire_receive(wire, &frame, &error), ==, WIRE_AGAIN);
		close(fds[1]);
		g_assert_cmpint(wire_receive(wire, &frame, &error), ==, WIRE_ERROR);
		g_assert_error(error, FAULT, FAULT_DATA);
		g_assert_nonnull(strstr(error->message, "cut short"));
	}
}

/* A descriptor that comes with a later byte of a frame is neither taken nor left open. */
static void
test_late_descriptor(void)
{
	g_autoptr(GError) error = NULL;
	struct wire_frame frame;
	int fds[2];

	g_assert_true(wire_pair(fds, NULL));
	g_autoptr(wire) wire = wire_new(fds[0], &protocol);
	guint before = open_descriptors();
	g_assert_true(io_write_all(fds[1], "FLP1\2\0\1\0\10\0\0\0", 6, NULL));
	g_assert_cmpint(wire_receive(wire, &frame, &error), ==, WIRE_AGAIN);
	struct iovec part = { (char[]){ "\1\0\10\0\0" }, 6 };
	g_assert_cmpint(fdpass_send(fds[1], &part, 1, fds[1]), ==, 6);
	g_assert_cmpint(wire_receive(wire, &frame, &error), ==, WIRE_ERROR);
	g_assert_nonnull(strstr(error->message, "surplus"));
	g_assert_cmpuint(open_descriptors(), ==, before);
	close(fds[1]);
}

static void
test_own_mistakes(void)
{
	static const struct {
		const char *label;
		guint kind;
		const char *text; /* the body in GVariant text form */
		bool with_fd;
	} cases[] = {
		{ "an unknown kind", 99, "()", false },
		{ "a body of another type", KIND_NOTE, "('x',)", false },
		{ "a forgotten descriptor", KIND_FILE, "(uint64 3,)", false },
		{ "a needless descriptor", KIND_EMPTY, "()", true },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases) + 1; i++) {
		bool last = i == G_N_ELEMENTS(cases);
		g_autoptr(GError) error = NULL;
		struct pair pair;

		g_test_message("%s", last ? "a body over the limit" : cases[i].label);
		pair_open(&pair);
		guint before = open_descriptors();
		if (last) {
			g_autofree char *big = g_strnfill(300, 'x');
			wire_queue(pair.left, KIND_NOTE, g_variant_new("(su)", big, 1u), -1);
		} else {
			wire_queue(pair.left, cases[i].kind,
			    g_variant_parse(NULL, cases[i].text, NULL, NULL, NULL),
			    cases[i].with_fd ? some_file("x") : -1);
		}
		g_assert_cmpuint(open_descriptors(), ==, before);
		g_assert_false(wire_flush(pair.left, &error));
		g_assert_error(error, FAULT, FAULT_BUG);
		pair_close(&pair);
	}
}

static void
test_dead_peer(void)
{
	g_autoptr(GError) error = NULL;
	struct wire_frame frame;
	struct pair pair;

	g_test_message("writing to a dead process is an error, not a signal");
	pair_open(&pair);
	g_clear_pointer(&pair.right, wire_free);
	wire_queue(pair.left, KIND_EMPTY, g_variant_new("()"), -1);
	g_assert_false(wire_flush(pair.left, &error));
	g_assert_error(error, FAULT, FAULT_AWAY);
	g_clear_error(&error);
	pair_close(&pair);

	g_test_message("a peer that died with our frames unread has ended");
	pair_open(&pair);
	wire_queue(pair.left, KIND_FILE, g_variant_new("(t)", G_GUINT64_CONSTANT(1)),
	    some_file("never seen"));
	g_assert_true(wire_flush(pair.left, &error));
	g_clear_pointer(&pair.right, wire_free);
	g_assert_cmpint(wire_receive(pair.left, &frame, &error), ==, WIRE_EOF);
	pair_close(&pair);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/wire/round-trip", test_round_trip);
	g_test_add_func("/wire/partial-writes", test_partial_writes);
	g_test_add_func("/wire/lies", test_lies);
	g_test_add_func("/wire/cut-short", test_cut_short);
	g_test_add_func("/wire/late-descriptor", test_late_descriptor);
	g_test_add_func("/wire/own-mistakes", test_own_mistakes);
	g_test_add_func("/wire/dead-peer", test_dead_peer);
	return g_test_run();
}
