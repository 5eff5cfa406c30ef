/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The directory process: one group of one directory, then it is gone, and the password with it.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/log.h"
#include "base/process.h"
#include "base/secret.h"
#include "fetchers/directory-inside.h"

#define PARENT_MS 30000 /* for the parent to say what it wants, and to take what we say */

struct serve {
	struct wire *wire;
	const struct directory *directory;
	GPtrArray *batch; /* of char * */
	guint64 bytes;
};

static bool
flush(struct serve *serve, GError **error)
{
	if (serve->batch->len == 0)
		return true;
	wire_queue(serve->wire, DIRECTORY_MEMBERS,
	    g_variant_new_strv((const char *const *)serve->batch->pdata, serve->batch->len), -1);
	g_ptr_array_set_size(serve->batch, 0);
	return wire_flush_all(serve->wire, PARENT_MS, error);
}

static bool
found(const char *address, void *data, GError **error)
{
	struct serve *serve = data;

	serve->bytes += strlen(address);
	if (serve->bytes > serve->directory->bytes) {
		g_set_error(error, FAULT, FAULT_DATA,
		    "the addresses of group '%s' are longer than limits.directory_bytes",
		    serve->directory->group);
		return false;
	}
	g_ptr_array_add(serve->batch, g_strdup(address));
	return serve->batch->len < DIRECTORY_BATCH || flush(serve, error);
}

static bool
answer(struct serve *serve, struct directory_answer *sums, GError **error)
{
	const struct directory *directory = serve->directory;
	char *password = NULL;

	if (*directory->user != '\0') {
		password = secret_read(directory->password_file, directory->credential, error);
		if (password == NULL)
			return false;
	}
	/* What hangs within the library ends as well: the parent sees the process end. */
	alarm((unsigned)directory->seconds + 5);
	bool right =
	    directory_search(directory, password, found, serve, sums, error) && flush(serve, error);
	secret_wipe(password);
	return right;
}

static bool
serve_one(struct wire *wire, const struct wire_frame *frame, GError **error)
{
	g_autoptr(GError) trouble = NULL;
	g_autoptr(GPtrArray) batch = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(directory) directory = directory_get(frame->body, error);
	struct directory_answer sums = { 0 };

	if (directory == NULL)
		return false;
	struct serve serve = { .wire = wire, .directory = directory, .batch = batch };
	answer(&serve, &sums, &trouble);
	wire_queue(wire, DIRECTORY_END,
	    g_variant_new(DIRECTORY_END_TYPE, (guint32)fault_exit_code(trouble),
		trouble != NULL ? trouble->message : "", sums.people, sums.without, sums.away,
		sums.groups),
	    -1);
	return wire_flush_all(wire, PARENT_MS, error);
}

int
directory_main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	struct wire_frame frame = { .fd = -1 };

	(void)argc;
	(void)argv;
	log_open("directory", LOG_LEVEL_WARNING);
	signal(SIGPIPE, SIG_IGN);
	process_shut_in();
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		log_warning("the directory may be asked on although the command was ended");
	/* No file of this machine or this user says where servers are and whether TLS is proved. */
	g_setenv("LDAPNOINIT", "1", TRUE);
	struct wire *wire = wire_new(DIRECTORY_FD, &directory_protocol);
	enum wire_result result = wire_wait(wire, PARENT_MS, &frame, &error);
	if (result == WIRE_FRAME && frame.kind == DIRECTORY_QUESTION)
		serve_one(wire, &frame, &error);
	else if (error == NULL)
		g_set_error(&error, FAULT, FAULT_BUG, "directory: the parent asks nothing");
	if (error != NULL)
		log_error("%s", error->message);
	wire_frame_clear(&frame);
	wire_free(wire);
	return fault_exit_code(error);
}
