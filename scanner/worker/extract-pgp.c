/* SPDX-License-Identifier: GPL-3.0-or-later */
/* extract-pgp - OpenPGP messages and keys in binary form; armoured ones are text, see pgp.h. */
#include "worker/extract.h"

#include <string.h>

#include "worker/names.h"
#include "worker/openpgp.h"
#include "worker/pgp.h"

/* By its first packet; where name or type say so already, by less. */
static bool
pgp_takes(const struct item *item, const char *type, const guint8 *head, gsize size)
{
	static const char *const extensions[] = { "pgp", "gpg", "asc", "sig", NULL };
	const struct part *part = extract_part(item);
	g_autofree char *extension = names_extension(part->name);
	bool said = g_strv_contains(extensions, extension) ||
		    g_str_has_prefix(part->declared_type, "application/pgp") ||
		    g_str_has_prefix(type, "application/pgp") ||
		    g_str_has_prefix(type, "application/x-gnupg");

	if (size == 0 || (head[0] & 0x80) == 0 || sniff_is_text(head, size))
		return false;
	return said ||
	       (g_str_equal(type, "application/octet-stream") && openpgp_starts(head, size));
}

static void
read_binary(struct item *item)
{
	gsize size;
	g_autofree char *bytes = extract_bytes(item, &size);

	if (bytes != NULL)
		pgp_read(item, (const guint8 *)bytes, size);
}

const struct extractor extract_pgp = {
	.name = "pgp",
	.takes = pgp_takes,
	.wanted = WANTED_OBJECT,
	.read = read_binary,
};
