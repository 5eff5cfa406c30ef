/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/placement.h"

void
placement_clear(struct placement *placement)
{
	g_clear_pointer(&placement->account, g_free);
	g_clear_pointer(&placement->folder, g_free);
	g_clear_pointer(&placement->uid, g_free);
	g_clear_pointer(&placement->server_flags, g_free);
	g_clear_pointer(&placement->labels, g_free);
	g_clear_pointer(&placement->server_id, g_free);
	g_clear_pointer(&placement->thread_id, g_free);
}
