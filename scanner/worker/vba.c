/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vba - see vba.h. Never believes a length or an offset. */
#include "worker/vba.h"

#include <string.h>

#include "worker/ole-text.h"
#include "worker/ole.h"

#define SIGNATURE   0x01
#define CHUNK_MAX   4096 /* uncompressed bytes of one chunk */
#define MODULES_MAX 4096

/* Section 2.3.4.2: records of dir. */
enum {
	PROJECT_CODEPAGE = 0x0003,
	PROJECT_VERSION = 0x0009,
	MODULE_STREAM = 0x0032,
	MODULE_OFFSET = 0x0031
};

/* Section 2.4.1.3.19.1: the wider the window is, the fewer bits are left for the length. */
static guint
offset_bits(gsize window)
{
	guint bits = 4;

	while ((gsize)1 << bits < window)
		bits++;
	return MIN(bits, 12);
}

/* The tokens of one chunk; false when a copy reaches back too far. */
static bool
take_chunk(GByteArray *out, const guint8 *data, gsize size)
{
	gsize begin = out->len;

	for (gsize at = 0; at < size;) {
		guint flags = data[at++];
		for (guint i = 0; i < 8 && at < size && out->len - begin < CHUNK_MAX; i++) {
			if ((flags >> i & 1) == 0) {
				g_byte_array_append(out, data + at++, 1);
				continue;
			}
			if (size - at < 2)
				return false;
			guint token = ole_u16(data, size, at);
			guint bits = offset_bits(out->len - begin);
			gsize back = (gsize)(token >> (16 - bits)) + 1;
			gsize length = (token & (0xFFFFu >> bits)) + 3;
			at += 2;
			if (back > out->len - begin)
				return false;
			length = MIN(length, CHUNK_MAX - (out->len - begin));
			while (length-- > 0) {
				guint8 byte = out->data[out->len - back];
				g_byte_array_append(out, &byte, 1);
			}
		}
	}
	return true;
}

GByteArray *
vba_uncompress(const guint8 *data, gsize size, gsize max, bool *broken)
{
	GByteArray *out = g_byte_array_new();

	*broken = size == 0 || data[0] != SIGNATURE;
	for (gsize at = 1; !*broken && at + 2 <= size && out->len < max;) {
		guint header = ole_u16(data, size, at);
		gsize length = MIN((gsize)(header & 0xFFF) + 1, size - at - 2);
		at += 2;
		if ((header >> 12 & 7) != 3)
			*broken = true; /* what stands behind the last chunk, perhaps */
		else if ((header & 0x8000) == 0)
			g_byte_array_append(out, data + at, (guint)length);
		else
			*broken = !take_chunk(out, data + at, length);
		at += length;
	}
	return out;
}

static void
clear_module(void *data)
{
	g_free(((struct vba_module *)data)->stream);
}

struct vba_project *
vba_project_new(const guint8 *dir, gsize size)
{
	struct vba_project *project = g_new0(struct vba_project, 1);
	struct vba_module module = { NULL, 0 };

	project->modules = g_array_new(FALSE, TRUE, sizeof(struct vba_module));
	g_array_set_clear_func(project->modules, clear_module);
	for (gsize at = 0; at + 6 <= size && project->modules->len < MODULES_MAX;) {
		guint id = ole_u16(dir, size, at);
		gsize length = ole_u32(dir, size, at + 2);
		at += 6;
		if (id == PROJECT_VERSION)
			length = 6; /* states 4 */
		length = MIN(length, size - at);
		if (id == PROJECT_CODEPAGE) {
			project->codepage = ole_u16(dir, size, at);
		} else if (id == MODULE_STREAM) {
			GString *name = g_string_new(NULL);
			ole_utf16(name, dir + at, length / 2);
			g_free(module.stream);
			module.stream = g_string_free(name, FALSE);
		} else if (id == MODULE_OFFSET && module.stream != NULL) {
			module.offset = ole_u32(dir, size, at);
			g_array_append_val(project->modules, module);
			module.stream = NULL;
		}
		at += length;
	}
	g_free(module.stream);
	return project;
}

void
vba_project_free(struct vba_project *project)
{
	g_array_unref(project->modules);
	g_free(project);
}

gssize
vba_source(const struct vba_project *project, const char *stream, const guint8 *data, gsize size)
{
	/* Every module's source begins with the word Attribute; its first token is literal. */
	static const char start[] = "\0Attribut";

	for (guint i = 0; i < project->modules->len; i++) {
		const struct vba_module *module =
		    &g_array_index(project->modules, struct vba_module, i);
		if (g_ascii_strcasecmp(module->stream, stream) == 0 && module->offset < size &&
		    data[module->offset] == SIGNATURE)
			return (gssize)module->offset;
	}
	const guint8 *found = size > 3 ? memmem(data + 3, size - 3, start, sizeof start - 1) : NULL;
	return found != NULL && found[-3] == SIGNATURE ? found - data - 3 : -1;
}
