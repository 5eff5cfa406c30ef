/* SPDX-License-Identifier: GPL-3.0-or-later */
/* headers - see headers.h. Never drops a byte: what is not an encoded word stands for itself. */
#include "worker/headers.h"

#include <string.h>

#include "base/text.h"
#include "worker/decode.h"

#define WORD_MAX   8192 /* bytes of one encoded word; RFC 2047 allows 75 */
#define FIELD_MAX  512  /* bytes of a field name */
#define SKIP_LINES 16   /* blank lines before the first field */

static void
raw_header_free(gpointer data)
{
	struct raw_header *field = data;

	g_free(field->name);
	g_free(field->value);
	g_free(field);
}

/* The line at data: its length with the line break, and without. */
static gsize
line_length(const char *data, gsize size, gsize *text)
{
	const char *end = memchr(data, '\n', size);
	gsize length = end != NULL ? (gsize)(end - data) + 1 : size;

	*text = end != NULL ? length - 1 : length;
	if (*text > 0 && data[*text - 1] == '\r')
		--*text;
	return length;
}

/* Bytes of a field's name, or 0 when the line is no field. Blanks before the colon are borne with.
 */
static gsize
name_length(const char *line, gsize size, bool *odd)
{
	gsize n = 0;

	while (
	    n < size && n < FIELD_MAX && (guint8)line[n] > ' ' && line[n] != ':' && line[n] != 0x7F)
		n++;
	gsize colon = n;
	while (colon < size && (line[colon] == ' ' || line[colon] == '\t'))
		colon++;
	if (n == 0 || colon == size || line[colon] != ':')
		return 0;
	if (colon != n)
		*odd = true;
	return n;
}

static char *
copy_bytes(const char *data, gsize size)
{
	if (memchr(data, '\0', size) == NULL)
		return g_strndup(data, size);
	GString *copy = g_string_sized_new(size + 16);
	for (gsize i = 0; i < size; i++) {
		if (data[i] == '\0')
			g_string_append(copy, HEADERS_NUL);
		else
			g_string_append_c(copy, data[i]);
	}
	return g_string_free(copy, FALSE);
}

/* The bytes end where they end: no NUL stands behind them. */
static bool
begins_with(const char *data, gsize size, const char *prefix)
{
	gsize n = strlen(prefix);

	return size >= n && memcmp(data, prefix, n) == 0;
}

/* What stands before the first field and is none. */
static gsize
skip_before(const char *data, gsize size, bool *malformed)
{
	gsize at = 0, text;

	if (begins_with(data, size, "\xEF\xBB\xBF")) {
		at = 3;
		*malformed = true;
	}
	for (guint i = 0; i < SKIP_LINES && at < size; i++) {
		gsize length = line_length(data + at, size - at, &text);
		bool mbox = i == 0 && (begins_with(data + at, size - at, "From ") ||
					  begins_with(data + at, size - at, ">From "));
		if (text > 0 && !mbox)
			break;
		*malformed = *malformed || text == 0;
		at += length;
	}
	return at;
}

static void
add_field(struct header_block *out, const char *line, gsize name, gsize size)
{
	struct raw_header *field = g_new(struct raw_header, 1);
	g_autofree char *raw = copy_bytes(line, name);
	const char *colon = memchr(line + name, ':', size - name);
	gsize skip = (gsize)(colon - line) + 1;

	field->name = g_utf8_make_valid(raw, -1);
	field->value = copy_bytes(line + skip, size - skip);
	g_ptr_array_add(out->fields, field);
}

void
headers_split(const char *data, gsize size, const struct limits *limits, struct header_block *out)
{
	gsize text, at;

	memset(out, 0, sizeof *out);
	out->fields = g_ptr_array_new_with_free_func(raw_header_free);
	out->start = out->cut = at = skip_before(data, size, &out->malformed);
	while (at < size) {
		gsize length = line_length(data + at, size - at, &text);
		if (text == 0) {
			at += length;
			break;
		}
		gsize name = name_length(data + at, text, &out->malformed);
		if (name == 0 && out->fields->len == 0)
			break; /* no header block at all */
		while (
		    at + length < size && (data[at + length] == ' ' || data[at + length] == '\t')) {
			gsize more = line_length(data + at + length, size - at - length, &text);
			length += more;
		}
		if (out->over_limit || out->fields->len >= limits->headers ||
		    at + length - out->start > limits->header) {
			out->over_limit = true;
		} else {
			if (name > 0)
				add_field(out, data + at, name, length);
			else
				out->malformed = true;
			out->cut = at + length;
		}
		at += length;
	}
	out->body = at;
}

void
headers_clear(struct header_block *block)
{
	g_clear_pointer(&block->fields, g_ptr_array_unref);
}

const char *
headers_raw(const struct header_block *block, const char *name, guint nth)
{
	for (guint i = 0; i < block->fields->len; i++) {
		const struct raw_header *field = block->fields->pdata[i];
		if (g_ascii_strcasecmp(field->name, name) == 0 && nth-- == 0)
			return field->value;
	}
	return NULL;
}

/* An encoded word taken apart; all borrowed. */
struct word {
	const char *charset;
	gsize charset_size;
	enum decode_kind kind;
	const char *text;
	gsize text_size;
	gsize size; /* of the whole */
};

static bool
word_parse(const char *at, struct word *word)
{
	if (at[0] != '=' || at[1] != '?')
		return false;
	word->charset = at + 2;
	word->charset_size = strcspn(word->charset, "?* \t\r\n=");
	const char *mark = word->charset + word->charset_size;
	if (word->charset_size == 0 || word->charset_size > 60)
		return false;
	if (*mark == '*')
		mark += strcspn(mark, "? \t\r\n"); /* RFC 2231 section 5: a language */
	if (*mark != '?' || mark[1] == '\0' || mark[2] != '?')
		return false;
	if (g_ascii_tolower(mark[1]) == 'b')
		word->kind = DECODE_BASE64;
	else if (g_ascii_tolower(mark[1]) == 'q')
		word->kind = DECODE_WORD_Q;
	else
		return false;
	word->text = mark + 3;
	const char *end = memmem(word->text, strnlen(word->text, WORD_MAX), "?=", 2);
	if (end == NULL)
		return false;
	word->text_size = (gsize)(end - word->text);
	word->size = (gsize)(end + 2 - at);
	return true;
}

gsize
headers_word_length(const char *text)
{
	struct word word;

	return word_parse(text, &word) ? word.size : 0;
}

/* Text that is being decoded: a run of words of one charset waits in pending. */
struct decoding {
	struct charset *charset;
	GString *out;
	GByteArray *pending;
	char label[64];
	struct decode decode;
};

static void
append_converted(struct decoding *decoding, const char *label, const void *data, gsize size)
{
	struct charset_result result;
	g_autofree char *text =
	    charset_decode(decoding->charset, label, data, size, G_MAXUINT32, &result);

	for (char *p = text; *p != '\0'; p++)
		if (*p == '\r' || *p == '\n')
			*p = ' ';
	g_string_append_len(decoding->out, text, (gssize)result.size);
}

/* U+FFFD would hide a NUL byte among broken characters. Wide charsets have NUL in every one. */
static void
show_nul(const char *label, GByteArray *bytes)
{
	if (bytes->len == 0 || memchr(bytes->data, '\0', bytes->len) == NULL ||
	    strstr(label, "16") != NULL || strstr(label, "32") != NULL)
		return;
	g_autofree char *shown = copy_bytes((const char *)bytes->data, bytes->len);
	g_byte_array_set_size(bytes, 0);
	g_byte_array_append(bytes, (const guint8 *)shown, (guint)strlen(shown));
}

static void
flush_words(struct decoding *decoding)
{
	if (decoding->label[0] == '\0')
		return;
	decode_end(&decoding->decode, decoding->pending);
	show_nul(decoding->label, decoding->pending);
	append_converted(
	    decoding, decoding->label, decoding->pending->data, decoding->pending->len);
	g_byte_array_set_size(decoding->pending, 0);
	decoding->label[0] = '\0';
}

static void
add_word(struct decoding *decoding, const struct word *word)
{
	char label[64];

	g_snprintf(label, sizeof label, "%.*s", (int)word->charset_size, word->charset);
	if (g_ascii_strcasecmp(label, decoding->label) != 0) {
		flush_words(decoding);
		memcpy(decoding->label, label, sizeof label);
		decode_begin(&decoding->decode, word->kind);
	} else if (decoding->decode.kind != word->kind || word->kind == DECODE_WORD_Q) {
		/* A B word may go on in the next one in the middle of a group; a Q word not. */
		decode_end(&decoding->decode, decoding->pending);
		decode_begin(&decoding->decode, word->kind);
	}
	decode_add(&decoding->decode, word->text, word->text_size, decoding->pending);
}

/* A run of plain bytes, with its line breaks taken out. */
static void
add_plain(struct decoding *decoding, const char *data, gsize size)
{
	g_autofree char *plain = g_malloc(size + 1);
	gsize n = 0;

	for (gsize i = 0; i < size; i++)
		if (data[i] != '\r' && data[i] != '\n')
			plain[n++] = data[i] == '\t' ? ' ' : data[i];
	append_converted(decoding, NULL, plain, n);
}

/* ASCII without an encoded word, which most headers are: unfolded, or NULL for any other. */
static char *
decode_plain(const char *raw)
{
	gsize size = strlen(raw), n = 0;

	if (text_ascii(raw, size) < size || strstr(raw, "=?") != NULL)
		return NULL;
	char *out = g_malloc(size + 1);
	for (gsize i = 0; i < size; i++)
		if (raw[i] != '\r' && raw[i] != '\n')
			out[n++] = raw[i] == '\t' ? ' ' : raw[i];
	out[n] = '\0';
	return g_strchomp(out);
}

char *
headers_decode(struct charset *charset, const char *raw)
{
	raw += strspn(raw, " \t\r\n");
	char *simple = decode_plain(raw);
	if (simple != NULL)
		return simple;
	struct decoding decoding = { .charset = charset, .out = g_string_new(NULL) };
	g_autoptr(GByteArray) pending = g_byte_array_new();
	struct word word = { 0 };

	decoding.pending = pending;
	for (const char *plain = raw, *at = raw;;) {
		const char *found = strstr(at, "=?");
		if (found == NULL)
			found = at + strlen(at);
		if (*found != '\0' && !word_parse(found, &word)) {
			at = found + 2;
			continue;
		}
		/* Only blanks between two words: they are not there (RFC 2047 section 6.2). */
		gsize gap = (gsize)(found - plain);
		bool blank = strspn(plain, " \t\r\n") >= gap;
		bool between = decoding.label[0] != '\0' && *found != '\0' && blank;
		if (gap > 0 && !between) {
			flush_words(&decoding);
			add_plain(&decoding, plain, gap);
		}
		if (*found == '\0')
			break;
		add_word(&decoding, &word);
		plain = at = found + word.size;
	}
	flush_words(&decoding);
	g_strchomp(decoding.out->str);
	return g_string_free(decoding.out, FALSE);
}
