/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pull - the fetcher alone: one account into a folder of files, as a downloader would do it.
 *
 *	pull URL USER PASSWORD_FILE CA_FILE FOLDER
 *
 * Nothing is scanned and nothing synced; that is the point of comparison with downloaders.
 */
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "fetchers/fetch.h"

static bool
keep(const struct fetch_message *message, const char *folder, guint number)
{
	g_autofree char *path = g_strdup_printf("%s/%08u", folder, number);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	off_t offset = 0;
	bool good = fd != -1;

	while (good && (guint64)offset < message->size)
		good = sendfile(fd, message->fd, &offset, message->size - (guint64)offset) > 0;
	io_close(&fd);
	return good;
}

/* Takes all events that are there. False at the end of the account or of the fetcher. */
static bool
take(struct fetcher *fetcher, const char *folder, guint *messages, guint64 *bytes)
{
	guint taken = 0;
	guint64 taken_bytes = 0;

	for (;;) {
		struct fetch_event event = { .kind = FETCH_EVENT_NONE };
		fetcher_receive(fetcher, &event);
		bool end = event.kind == FETCH_EVENT_ACCOUNT_END || event.kind == FETCH_EVENT_LOST;
		if (event.kind == FETCH_EVENT_ACCOUNT_END && *event.account_end.text != '\0')
			fprintf(stderr, "pull: %s\n", event.account_end.text);
		if (event.kind == FETCH_EVENT_MESSAGE) {
			if (!keep(&event.message, folder, ++*messages))
				perror("pull");
			taken++;
			taken_bytes += event.message.size;
		}
		bool none = event.kind == FETCH_EVENT_NONE;
		fetch_event_clear(&event);
		if (end) {
			*bytes += taken_bytes;
			return false;
		}
		if (!none)
			continue;
		*bytes += taken_bytes;
		if (taken > 0)
			fetcher_credit(fetcher, taken, taken_bytes);
		return fetcher_flush(fetcher);
	}
}

int
main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	struct limits limits;
	guint messages = 0;
	guint64 bytes = 0;

	if (argc > 1 && g_str_equal(argv[1], "fetcher"))
		return fetcher_main(argc - 1, argv + 1);
	if (argc != 6)
		return EXIT_FAILURE;
	log_open("", LOG_LEVEL_WARNING);
	limits_default(&limits);
	g_autoptr(account) account = account_new("bench");
	if (!account_set_url(account, argv[1], &error))
		g_error("%s", error->message);
	g_free(account->user);
	account->user = g_strdup(argv[2]);
	g_free(account->password_file);
	account->password_file = g_strdup(argv[3]);
	g_free(account->ca_file);
	account->ca_file = g_strdup(argv[4]);
	g_mkdir_with_parents(argv[5], 0700);
	struct fetcher *fetcher = fetcher_spawn(&limits, argv[5], &error);
	if (fetcher == NULL)
		g_error("%s", error->message);
	g_autoptr(GPtrArray) states = g_ptr_array_new();
	const struct fetch_task task = { .kind = FETCH_PASS, .bytes = FETCH_ANY_BYTES };
	fetcher_poll(fetcher, account, states, &task);
	fetcher_flush(fetcher);
	do {
		struct pollfd fd = { .fd = fetcher_fd(fetcher), .events = POLLIN };
		if (fetcher_wants_write(fetcher))
			fd.events |= POLLOUT;
		poll(&fd, 1, -1);
	} while (take(fetcher, argv[5], &messages, &bytes));
	fetcher_free(fetcher);
	printf("%u messages, %" G_GUINT64_FORMAT " bytes\n", messages, bytes);
	return EXIT_SUCCESS;
}
