/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-station - the page that a dead worker leaves behind, and parts that are left out. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "worker/cache.h"
#include "worker/dissect.h"
#include "worker/station.h"

static void
test_page(void)
{
	int fd;
	struct station at = { .part = 7, .reader = "pdf", .deadline = 12 }, seen;
	g_autoptr(station_page) page = station_page_new(&fd, NULL);

	g_assert_nonnull(page);
	g_assert_false(station_page_look(page, &seen));
	digest_bytes("x", 1, at.sha256);
	pid_t pid = fork();
	if (pid == 0) {
		struct station_page *own = station_page_open(fd, NULL);
		station_page_set(own, &at);
		_exit(0);
	}
	g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
	g_assert_true(station_page_look(page, &seen));
	g_assert_cmpuint(seen.part, ==, 7);
	g_assert_cmpstr(seen.reader, ==, "pdf");
	g_assert_cmpstr(seen.sha256, ==, at.sha256);
	g_assert_cmpint(seen.deadline, ==, 12);
	g_autoptr(station_page) own = station_page_open(fd, NULL);
	station_page_set(own, NULL);
	g_assert_false(station_page_look(page, &seen));
	station_page_set(NULL, &at);
	close(fd);
}

/* Of a rule nothing but its id is told. */
static void
test_page_rule(void)
{
	int fd;
	struct station at = { .rule = "payment-card", .deadline = 12 }, seen;
	g_autoptr(station_page) page = station_page_new(&fd, NULL);
	g_autoptr(station_page) own = station_page_open(fd, NULL);

	close(fd);
	station_page_set(own, &at);
	g_assert_true(station_page_look(page, &seen));
	g_assert_cmpstr(seen.rule, ==, "payment-card");
	g_assert_cmpstr(seen.reader, ==, "");
	g_assert_cmpint(seen.deadline, ==, 12);
	at.part = 1;
	station_page_set(own, &at);
	g_assert_false(station_page_look(page, &seen));
	at = (struct station){ .rule = "Payment card\n" };
	station_page_set(own, &at);
	g_assert_false(station_page_look(page, &seen));
}

/* A page cut short would be a SIGBUS of the parent's. */
static void
test_page_stays_as_large(void)
{
	int fd;
	g_autoptr(station_page) page = station_page_new(&fd, NULL);

	g_assert_nonnull(page);
	g_assert_cmpint(ftruncate(fd, 0), ==, -1);
	g_assert_cmpint(ftruncate(fd, 1 << 20), ==, -1);
	close(fd);
	int other = memfd_create("other", MFD_CLOEXEC);
	g_assert_null(station_page_open(other, NULL));
	close(other);
}

/* Whatever a worker that was taken over writes: nothing, or something in range. */
static void
test_hostile_page(void)
{
	int fd;
	guint64 size;
	g_autoptr(station_page) page = station_page_new(&fd, NULL);
	g_autoptr(GRand) random = g_rand_new_with_seed(1);

	g_assert_true(io_size(fd, &size, NULL));
	guint8 *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	for (guint round = 0; round < 20000; round++) {
		struct station seen;
		for (gsize i = 0; i < size; i++)
			bytes[i] = round % 2 == 0 ? (guint8)g_rand_int(random) : 'a';
		memset(bytes, 0, 8);
		bytes[4] = 1; /* at a part, and written whole */
		if (round % 3 == 0)
			memset(bytes + 8, 0, 4);
		if (round % 5 == 0)
			bytes[12 + g_rand_int_range(random, 0, (gint32)size - 12)] = '\0';
		if (!station_page_look(page, &seen))
			continue;
		g_assert_cmpuint(seen.part, <=, STATION_PART_MAX);
		g_assert_cmpuint(strnlen(seen.reader, STATION_READER_MAX), <, STATION_READER_MAX);
		g_assert_true(g_str_is_ascii(seen.reader));
		g_assert_cmpuint(strnlen(seen.rule, STATION_RULE_MAX), <, STATION_RULE_MAX);
		g_assert_true(g_str_is_ascii(seen.rule));
	}
	munmap(bytes, size);
	close(fd);
}

static void
test_care(void)
{
	struct station first = { .part = 3, .reader = "pdf" },
		       known = { .part = 4, .reader = "pdf" };
	struct care care = { .milliseconds = 1500 }, back;
	char other[DIGEST_HEX];

	digest_bytes("known", 5, known.sha256);
	digest_bytes("other", 5, other);
	g_assert_true(care_add(&care, &first, "crash"));
	g_assert_false(care_add(&care, &first, "crash"));
	g_assert_true(care_add(&care, &known, "time"));
	g_autoptr(GByteArray) packed = g_byte_array_new();
	care_put(packed, &care);
	struct packed in = packed_bytes(packed->data, packed->len);
	g_assert_true(care_get(&in, &back, NULL));
	g_assert_true(packed_is_done(&in));
	g_assert_cmpuint(back.milliseconds, ==, 1500);
	g_assert_cmpstr(care_reason(&back, 3, "", "pdf"), ==, "crash");
	g_assert_null(care_reason(&back, 3, "", "html"));
	g_assert_null(care_reason(&back, 2, "", "pdf"));
	/* Bytes that are known are the part, wherever they stand. */
	g_assert_cmpstr(care_reason(&back, 9, known.sha256, "pdf"), ==, "time");
	g_assert_null(care_reason(&back, 4, other, "pdf"));
	for (guint i = 10; care.n_avoid < CARE_PARTS_MAX; i++) {
		first.part = i;
		g_assert_true(care_add(&care, &first, "memory"));
	}
	first.part = 100;
	g_assert_false(care_add(&care, &first, "memory"));
}

/* A rule and a part of the same name are two. */
static void
test_care_rule(void)
{
	struct station rule = { .rule = "pdf" }, reader = { .reader = "pdf" };
	struct care care = { 0 }, back;

	g_assert_true(care_add(&care, &rule, "time"));
	g_assert_false(care_add(&care, &rule, "crash"));
	g_assert_null(care_reason(&care, 0, "", ""));
	g_assert_true(care_add(&care, &reader, "crash"));
	g_autoptr(GByteArray) packed = g_byte_array_new();
	care_put(packed, &care);
	struct packed in = packed_bytes(packed->data, packed->len);
	g_assert_true(care_get(&in, &back, NULL));
	g_assert_true(packed_is_done(&in));
	g_assert_cmpuint(back.n_avoid, ==, 2);
	g_assert_cmpstr(care_rule_reason(&back, "pdf"), ==, "time");
	g_assert_null(care_rule_reason(&back, "pdf-other"));
	g_assert_cmpstr(care_reason(&back, 0, "", "pdf"), ==, "crash");
}

/* Left out in one message, and read in the next: the cache knows nothing of it. */
static void
test_left_out(void)
{
	struct limits limits;
	struct care care = { 0 };
	struct station station = { .part = 1, .reader = "text" };
	g_autoptr(GString) mail = g_string_new(
	    "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
	    "--b\r\nContent-Type: text/plain\r\n\r\nbody\r\n"
	    "--b\r\nContent-Type: text/plain; name=a.txt\r\n"
	    "Content-Disposition: attachment; filename=a.txt\r\n\r\n");

	for (guint i = 0; i < 100; i++)
		g_string_append(mail, "The falcon flies.\r\n");
	g_string_append(mail, "--b--\r\n");
	limits_default(&limits);
	g_autoptr(dissect) dissect = dissect_new(&limits, NULL);
	int fd = memfd_create("mail", MFD_CLOEXEC);
	g_assert_true(io_write_all(fd, mail->str, mail->len, NULL));
	for (guint round = 0; round < 4; round++) {
		struct message *message = dissect_message(dissect, fd, false, NULL);
		const struct part *part = message->parts->pdata[1];
		g_assert_cmpint(part->outcome, ==, round == 1 ? PART_CRASHED : PART_READ);
		g_assert_cmpstr(
		    part->detail, ==, round == 1 ? "the reader text crashed on it" : "");
		g_assert_cmpint(
		    message->outcome, ==, round == 1 ? OUTCOME_PARTIAL : OUTCOME_SCANNED);
		const struct text *last = message->texts->pdata[message->texts->len - 1];
		g_assert_nonnull(strstr(last->data, "The falcon flies."));
		memcpy(station.sha256, part->sha256, sizeof station.sha256);
		if (round == 0)
			g_assert_true(care_add(&care, &station, "crash"));
		dissect_set_care(dissect, round == 0 ? &care : NULL, NULL);
		message_free(message);
	}
	close(fd);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/station/page", test_page);
	g_test_add_func("/worker/station/page-rule", test_page_rule);
	g_test_add_func("/worker/station/page-stays-as-large", test_page_stays_as_large);
	g_test_add_func("/worker/station/hostile-page", test_hostile_page);
	g_test_add_func("/worker/station/care", test_care);
	g_test_add_func("/worker/station/care-rule", test_care_rule);
	g_test_add_func("/worker/station/left-out", test_left_out);
	return g_test_run();
}
