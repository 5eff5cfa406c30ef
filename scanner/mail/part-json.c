/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/part-json.h"

void
part_json_facts(struct json *json, const char *const *words, guint facts)
{
	g_autofree const char **list = fact_words(words, facts);

	json_put_strings(json, "facts", list);
}

static void
put_part(struct json *json, const struct part *part)
{
	json_begin(json, '{');
	json_put(json, "part", part->path);
	json_put(json, "name", part->name);
	json_put(json, "declared_type", part->declared_type);
	json_put(json, "true_type", part->true_type);
	json_put_int(json, "size", (gint64)part->size);
	json_put(json, "sha256", part->sha256);
	json_put(json, "outcome", part_outcome_words[part->outcome]);
	part_json_facts(json, part_fact_words, part->facts);
	json_end(json);
}

void
part_json_put(struct json *json, const GPtrArray *parts)
{
	json_key(json, "parts");
	json_begin(json, '[');
	for (guint i = 0; i < parts->len; i++)
		put_part(json, g_ptr_array_index(parts, i));
	json_end(json);
}
