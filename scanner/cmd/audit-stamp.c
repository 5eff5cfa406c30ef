/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * audit stamp, and the part of audit verify that looks at what it left.
 */
#include "cmd/audit-stamp.h"

#include "base/clock.h"
#include "base/fault.h"
#include "daemon/stamping.h"

static const char help[] =
    "Examples:\n"
    "  flagpost audit stamp                has the head of the ledger time-stamped now\n"
    "  flagpost audit verify               proves the stamps too\n"
    "\n"
    "Usage: flagpost audit stamp [--automatic]\n"
    "\n"
    "Sends the hash of the last row to the authority of [ledger] tsa (RFC 3161), verifies the\n"
    "answer against tsa_ca_file, keeps it in DATA_DIR/stamps and notes it as a row of the ledger.\n"
    "The service does so once a day by itself.\n"
    "\n"
    "  --automatic   as the service does it: nothing, when there is one of this day\n"
    "\n"
    "Exit codes: 0 done, 64 usage, 65 the answer is none, 69 the authority is away, 75 it is "
    "busy,\n"
    "77 it refuses, its answer does not hold, or not for this person, 78 configuration.\n";

/* What the configuration orders needs no person who may see it. */
static struct view *
open_view(const struct config *config, bool automatic, int *code)
{
	g_autoptr(GError) error = NULL;

	if (!automatic)
		return cmd_open_view("audit", config, code);
	struct view *view = view_open(config->data_dir, "service", &error);
	if (view == NULL)
		*code = cmd_fail("audit", error);
	return view;
}

static int
stamp(const struct cmd_globals *globals, bool automatic)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(config) config = cmd_load_config(globals);
	struct timestamp stamp;
	int code = CMD_OK;
	gint64 row;

	if (config == NULL)
		return FAULT_CONFIG;
	g_autoptr(view) view = open_view(config, automatic, &code);
	if (view == NULL)
		return code;
	if (!stamping_make(config, view, automatic, &row, &stamp, &error))
		return cmd_fail("audit", error);
	if (row == 0 && !globals->quiet)
		puts("nothing to stamp");
	if (row != 0 && !globals->quiet) {
		g_autofree char *time = clock_local(stamp.time, config->zone);
		printf("row %" G_GINT64_FORMAT " of the ledger is stamped: %s by %s\n", row, time,
		    stamp.signer);
	}
	return cmd_finish("audit", CMD_OK);
}

int
audit_stamp_run(const struct cmd_globals *globals, int argc, char **argv)
{
	static const struct cmd_usage usage = { "audit stamp", help, 0, 0, false };
	gboolean automatic = FALSE;
	const GOptionEntry entries[] = { { "automatic", 0, 0, G_OPTION_ARG_NONE, &automatic, NULL,
					     NULL },
		G_OPTION_ENTRY_NULL };
	int code;

	return cmd_parse(&usage, entries, globals, &argc, argv, &code) ? stamp(globals, automatic)
								       : code;
}

bool
audit_stamp_verify(const struct config *config, struct view *view, bool quiet,
    struct audit_stamps *out, GError **error)
{
	g_autoptr(GPtrArray) list = stamping_list(config, view, error);

	*out = (struct audit_stamps){ 0 };
	if (list == NULL)
		return false;
	for (guint i = 0; i < list->len; i++) {
		const struct stamping *one = g_ptr_array_index(list, i);
		out->stamps++;
		out->wrong += one->wrong != NULL;
		out->unproved += one->wrong == NULL && !one->proved;
		if (one->wrong != NULL)
			fprintf(stderr,
			    "flagpost audit: the time stamp of row %" G_GINT64_FORMAT " (%s): %s\n",
			    one->row, one->name, one->wrong);
	}
	if (out->unproved > 0 && !quiet)
		fprintf(stderr,
		    "flagpost audit: %u time stamps are as they came, but nothing here says who "
		    "may sign: write tsa_ca_file in [ledger]\n",
		    out->unproved);
	return true;
}
