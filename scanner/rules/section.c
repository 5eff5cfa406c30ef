/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/section.h"

#include <string.h>

static const struct section_kind *const kinds[] = { &section_parties, &section_attachment,
	&section_content, &section_message };

const struct section_kind *
section_kind_of(const char *name)
{
	gsize length = strcspn(name, ".");

	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (strlen(kinds[i]->word) == length && strncmp(kinds[i]->word, name, length) == 0)
			return kinds[i];
	}
	return NULL;
}

guint
section_history(const struct section_kind *kind, const void *self)
{
	if (kind == &section_parties)
		return section_parties_history(self);
	return kind == &section_message ? section_message_history(self) : 0;
}

static void
free_hit(gpointer data)
{
	hit_free(data);
}

void
finding_begin(struct finding *finding)
{
	*finding = (struct finding){ .is_asked = true, .truth = TRUTH_FALSE };
}

void
finding_clear(struct finding *finding)
{
	if (finding->hits != NULL)
		g_ptr_array_unref(finding->hits);
	g_free(finding->detail);
}

guint
finding_hit_count(const struct finding *finding)
{
	return finding->hits != NULL ? finding->hits->len : 0;
}

void
finding_add(struct finding *finding, const struct run *run, struct hit *hit)
{
	finding->total++;
	if (hit == NULL)
		return;
	/* Most sections never find anything. */
	if (finding->hits == NULL)
		finding->hits = g_ptr_array_new_with_free_func(free_hit);
	if (finding->hits->len < MIN(run->limits->hits, VERDICT_HITS_MAX))
		g_ptr_array_add(finding->hits, hit);
	else
		hit_free(hit);
}

void
finding_say(struct finding *finding, char *words)
{
	g_free(finding->detail);
	finding->detail = words;
}

void
finding_stuck(struct finding *finding, struct run *run, const struct section_place *place,
    const char *part, const char *reason)
{
	finding->stuck = reason;
	if (finding->truth == TRUTH_FALSE)
		finding->truth = TRUTH_UNDECIDED;
	run_undecided(run, place->rule, place->name, part, reason);
}
