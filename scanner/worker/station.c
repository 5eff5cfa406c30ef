/* SPDX-License-Identifier: GPL-3.0-or-later */
/* station - see station.h. Never follows a length or a string end that the other side wrote. */
#include "worker/station.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"

struct station_page {
	guint32 sequence; /* odd while it is written */
	guint32 there;    /* 1: somewhere */
	struct station station;
};

static struct station_page *
map(int fd, int protection, GError **error)
{
	void *page = mmap(NULL, sizeof(struct station_page), protection, MAP_SHARED, fd, 0);

	if (page != MAP_FAILED)
		return page;
	fault_errno(error, "worker: page");
	return NULL;
}

struct station_page *
station_page_new(int *fd, GError **error)
{
	*fd = memfd_create("flagpost-station", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	/* A page cut short under us would be a SIGBUS of ours. */
	if (*fd < 0 || ftruncate(*fd, sizeof(struct station_page)) != 0 ||
	    fcntl(*fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
		fault_errno(error, "worker: page");
		io_close(fd);
		return NULL;
	}
	struct station_page *page = map(*fd, PROT_READ, error);
	if (page == NULL)
		io_close(fd);
	return page;
}

struct station_page *
station_page_open(int fd, GError **error)
{
	guint64 size;

	if (!io_size(fd, &size, error))
		return NULL;
	if (size != sizeof(struct station_page)) {
		g_set_error(error, FAULT, FAULT_DATA, "worker: a page of another size");
		return NULL;
	}
	return map(fd, PROT_READ | PROT_WRITE, error);
}

void
station_page_free(struct station_page *page)
{
	if (page != NULL)
		munmap(page, sizeof *page);
}

static bool
is_digest(const char *text)
{
	gsize size = strnlen(text, DIGEST_HEX);

	return size < DIGEST_HEX && (size == 0 || size == DIGEST_HEX - 1) &&
	       strspn(text, "0123456789abcdef") == size;
}

static bool
is_word(const char *text, gsize room)
{
	gsize size = strnlen(text, room);

	return size > 0 && size < room &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}

static bool
is_possible(const struct station *station)
{
	if (station->rule[0] != '\0')
		return station->part == 0 && station->sha256[0] == '\0' &&
		       station->reader[0] == '\0' && is_word(station->rule, sizeof station->rule);
	return station->part <= STATION_PART_MAX && is_digest(station->sha256) &&
	       is_word(station->reader, sizeof station->reader);
}

bool
station_page_look(const struct station_page *page, struct station *station)
{
	guint32 before = __atomic_load_n(&page->sequence, __ATOMIC_ACQUIRE);
	guint32 there = __atomic_load_n(&page->there, __ATOMIC_RELAXED);

	memcpy(station, &page->station, sizeof *station);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	guint32 after = __atomic_load_n(&page->sequence, __ATOMIC_RELAXED);
	/* The copy alone is looked at: the page may change under the checks. */
	return before == after && before % 2 == 0 && there == 1 && is_possible(station);
}

void
station_page_set(struct station_page *page, const struct station *station)
{
	if (page == NULL)
		return;
	guint32 sequence = page->sequence;
	__atomic_store_n(&page->sequence, sequence + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	if (station != NULL)
		page->station = *station;
	__atomic_store_n(&page->there, station != NULL ? 1 : 0, __ATOMIC_RELAXED);
	__atomic_store_n(&page->sequence, sequence + 2, __ATOMIC_RELEASE);
}

/* --- what is left out --- */

void
care_put(GByteArray *out, const struct care *care)
{
	pack_u32(out, care->milliseconds);
	pack_u32(out, care->n_avoid);
	for (guint i = 0; i < care->n_avoid; i++) {
		const struct avoid *one = &care->avoid[i];
		pack_u32(out, one->station.part);
		pack_string(out, one->station.sha256);
		pack_string(out, one->station.reader);
		pack_string(out, one->station.rule);
		pack_string(out, one->reason);
	}
}

/* False when it does not fit. */
static bool
get_word(struct packed *in, char *word, gsize room)
{
	return g_strlcpy(word, packed_text(in, NULL), room) < room;
}

bool
care_get(struct packed *in, struct care *care, GError **error)
{
	*care = (struct care){ .milliseconds = packed_u32(in) };
	guint n = packed_count(in, CARE_PARTS_MAX);
	bool fine = !in->bad;

	for (guint i = 0; i < n && fine; i++) {
		struct station station = { .part = packed_u32(in) };
		fine = get_word(in, station.sha256, sizeof station.sha256) &&
		       get_word(in, station.reader, sizeof station.reader) &&
		       get_word(in, station.rule, sizeof station.rule) && is_possible(&station) &&
		       care_add(care, &station, packed_text(in, NULL));
	}
	if (!fine)
		g_set_error(
		    error, FAULT, FAULT_DATA, "job: a part or a rule that cannot be left out");
	return fine;
}

bool
care_add(struct care *care, const struct station *station, const char *reason)
{
	const char *known = station->rule[0] != '\0' ? care_rule_reason(care, station->rule)
						     : care_reason(care, station->part,
							   station->sha256, station->reader);

	if (care->n_avoid == CARE_PARTS_MAX || !is_word(reason, STATION_READER_MAX) ||
	    known != NULL)
		return false;
	struct avoid *one = &care->avoid[care->n_avoid++];
	one->station = *station;
	g_strlcpy(one->reason, reason, sizeof one->reason);
	return true;
}

const char *
care_reason(const struct care *care, guint part, const char *sha256, const char *reader)
{
	for (guint i = 0; i < care->n_avoid; i++) {
		const struct avoid *one = &care->avoid[i];
		bool same = one->station.sha256[0] != '\0'
				? strcmp(one->station.sha256, sha256) == 0
				: one->station.part == part;
		if (one->station.rule[0] == '\0' && same &&
		    strcmp(one->station.reader, reader) == 0)
			return one->reason;
	}
	return NULL;
}

const char *
care_rule_reason(const struct care *care, const char *rule)
{
	for (guint i = 0; i < care->n_avoid; i++) {
		const struct avoid *one = &care->avoid[i];
		if (one->station.rule[0] != '\0' && strcmp(one->station.rule, rule) == 0)
			return one->reason;
	}
	return NULL;
}
