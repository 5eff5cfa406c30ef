/* SPDX-License-Identifier: GPL-3.0-or-later */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "rules/pattern.h"

#include <pcre2.h>
#include <string.h>

#define MATCH_LIMIT     5000000 /* 1,000,000 refuses harmless texts of 100 KB; M9's bound is 10^7 */
#define DEPTH_LIMIT     1000000
#define HEAP_LIMIT_KIB  (64 * 1024)
#define JIT_STACK_FIRST (32 * 1024)
#define JIT_STACK_MAX   (1024 * 1024)
#define TRIAL_LIMIT     20000 /* steps that a text of TRIAL_BYTES may take from its start */
#define TRIAL_BYTES     60
#define WINDOW          (16 * 1024) /* starts of a match tried between two looks at the clock */

struct pattern_engine {
	pcre2_match_context *context;
	pcre2_match_data *data;
	pcre2_jit_stack *stack; /* NULL: this build of PCRE2 has no JIT */
};

struct pattern {
	char *key, *text, *file;
	guint line, column;
	bool ignore_case;
	guint number, components;
	pcre2_code *code;
};

struct pattern_engine *
pattern_engine_new(void)
{
	struct pattern_engine *engine = g_new0(struct pattern_engine, 1);
	uint32_t has_jit = 0;

	engine->context = pcre2_match_context_create(NULL);
	engine->data = pcre2_match_data_create(1, NULL);
	if (engine->context == NULL || engine->data == NULL)
		g_error("pattern: out of memory");
	pcre2_set_match_limit(engine->context, MATCH_LIMIT);
	pcre2_set_depth_limit(engine->context, DEPTH_LIMIT);
	pcre2_set_heap_limit(engine->context, HEAP_LIMIT_KIB);
	if (pcre2_config(PCRE2_CONFIG_JIT, &has_jit) == 0 && has_jit == 1) {
		engine->stack = pcre2_jit_stack_create(JIT_STACK_FIRST, JIT_STACK_MAX, NULL);
		pcre2_jit_stack_assign(engine->context, NULL, engine->stack);
	}
	return engine;
}

void
pattern_engine_free(struct pattern_engine *engine)
{
	if (engine == NULL)
		return;
	pcre2_match_data_free(engine->data);
	pcre2_match_context_free(engine->context);
	pcre2_jit_stack_free(engine->stack);
	g_free(engine);
}

bool
pattern_engine_is_jit(const struct pattern_engine *engine)
{
	return engine->stack != NULL;
}

/* A pattern that the empty text satisfies would flag every message. */
static bool
matches_nothing(const pcre2_code *code)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	int rc = pcre2_match(code, (PCRE2_SPTR) "", 0, 0, 0, data, NULL);

	pcre2_match_data_free(data);
	return rc >= 0;
}

struct pattern *
pattern_compile(const struct ini_section *section, const struct ini_entry *entry, bool ignore_case,
    struct problems *problems)
{
	uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT;
	int code = 0;
	PCRE2_SIZE at = 0;
	PCRE2_UCHAR text[256];

	pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)entry->value, PCRE2_ZERO_TERMINATED,
	    options | (ignore_case ? PCRE2_CASELESS : 0), &code, &at, NULL);
	if (compiled == NULL) {
		pcre2_get_error_message(code, text, sizeof(text));
		ini_problem(section, entry, at, problems, NULL, "%s: %s", entry->key, (char *)text);
		return NULL;
	}
	if (matches_nothing(compiled)) {
		ini_problem(section, entry, 0, problems, "ask for at least one character",
		    "%s matches the empty text, and so every message", entry->key);
		pcre2_code_free(compiled);
		return NULL;
	}
	struct pattern *pattern = g_new0(struct pattern, 1);
	pattern->key = g_strdup(entry->key);
	pattern->text = g_strdup(entry->value);
	pattern->file = g_strdup(ini_name(section->ini));
	pattern->line = entry->line;
	pattern->column = entry->column;
	pattern->ignore_case = ignore_case;
	pattern->code = compiled;
	return pattern;
}

/* Without JIT the interpreter takes over, with the same limits. */
void
pattern_make_fast(struct pattern *pattern)
{
	pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE);
}

void
pattern_free(struct pattern *pattern)
{
	if (pattern == NULL)
		return;
	pcre2_code_free(pattern->code);
	g_free(pattern->key);
	g_free(pattern->text);
	g_free(pattern->file);
	g_free(pattern);
}

const char *
pattern_key(const struct pattern *pattern)
{
	return pattern->key;
}

const char *
pattern_text(const struct pattern *pattern)
{
	return pattern->text;
}

const char *
pattern_file(const struct pattern *pattern)
{
	return pattern->file;
}

guint
pattern_line(const struct pattern *pattern)
{
	return pattern->line;
}

guint
pattern_column(const struct pattern *pattern)
{
	return pattern->column;
}

/* A text of one piece over and over, with an end that nothing expects. */
static bool
runs_away_on(const struct pattern *pattern, const char *piece, pcre2_match_context *context,
    pcre2_match_data *data)
{
	g_autoptr(GString) text = g_string_new(NULL);

	while (text->len < TRIAL_BYTES)
		g_string_append(text, piece);
	/* Behind it all that a match needs, lest one look ahead end it. */
	g_string_append_printf(text, "\x01\x02%s", pattern->text);
	int rc = pcre2_match(pattern->code, (PCRE2_SPTR)text->str, text->len, 0,
	    PCRE2_ANCHORED | PCRE2_NO_JIT | PCRE2_NO_UTF_CHECK, data, context);
	return rc == PCRE2_ERROR_MATCHLIMIT || rc == PCRE2_ERROR_DEPTHLIMIT;
}

bool
pattern_runs_away(const struct pattern *pattern)
{
	static const char *const pieces[] = { "a", "x", "1", " ", "a ", "1 ", "a1", "-", "a-", "a.",
		"x@", "aa a" };
	pcre2_match_context *context = pcre2_match_context_create(NULL);
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	bool runs = false;

	if (context == NULL || data == NULL)
		g_error("pattern: out of memory");
	pcre2_set_match_limit(context, TRIAL_LIMIT);
	for (gsize i = 0; i < G_N_ELEMENTS(pieces) && !runs; i++)
		runs = runs_away_on(pattern, pieces[i], context, data);
	/* And of each letter that it is written with. */
	for (const char *p = pattern->text; *p != '\0' && !runs; p++) {
		const char piece[] = { *p, '\0' };
		if (g_ascii_isalnum(*p) && strchr(pattern->text, *p) == p)
			runs = runs_away_on(pattern, piece, context, data);
	}
	pcre2_match_data_free(data);
	pcre2_match_context_free(context);
	return runs;
}

bool
pattern_ignores_case(const struct pattern *pattern)
{
	return pattern->ignore_case;
}

guint
pattern_number(const struct pattern *pattern)
{
	return pattern->number;
}

guint
pattern_components(const struct pattern *pattern)
{
	return pattern->components;
}

void
pattern_add_use(struct pattern *pattern, guint components)
{
	pattern->components |= components;
}

void
pattern_set_number(struct pattern *pattern, guint number)
{
	pattern->number = number;
}

static const char *
reason_of(int code)
{
	switch (code) {
	case PCRE2_ERROR_MATCHLIMIT:
		return "match limit";
	case PCRE2_ERROR_DEPTHLIMIT:
		return "depth limit";
	case PCRE2_ERROR_HEAPLIMIT:
		return "heap limit";
	case PCRE2_ERROR_JIT_STACKLIMIT:
		return "stack limit";
	case PCRE2_ERROR_NOMEMORY:
		return "memory";
	default:
		return "pattern error";
	}
}

/* The first character behind the byte at offset. */
static gsize
behind(const char *text, gsize size, gsize offset)
{
	do
		offset++;
	while (offset < size && ((guchar)text[offset] & 0xc0) == 0x80);
	return offset;
}

enum pattern_result
pattern_next(struct pattern_engine *engine, const struct pattern *pattern, const char *text,
    gsize size, gsize from, gint64 deadline_us, struct span *out, const char **reason)
{
	while (from <= size) {
		gsize limit = size - from > WINDOW ? from + WINDOW : size;
		pcre2_set_offset_limit(engine->context, limit);
		int rc = pcre2_match(pattern->code, (PCRE2_SPTR)text, size, from,
		    PCRE2_NO_UTF_CHECK, engine->data, engine->context);
		if (rc >= 0) {
			const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(engine->data);
			out->start = MIN(ends[0], ends[1]);
			out->end = MAX(ends[0], ends[1]);
			return PATTERN_FOUND;
		}
		if (rc != PCRE2_ERROR_NOMATCH) {
			*reason = reason_of(rc);
			return PATTERN_GAVE_UP;
		}
		if (limit == size)
			return PATTERN_NONE;
		if (g_get_monotonic_time() > deadline_us) {
			*reason = "time";
			return PATTERN_GAVE_UP;
		}
		from = behind(text, size, limit);
	}
	return PATTERN_NONE;
}

GArray *
pattern_characters(const char *expression, bool ignore_case, const char *text, gsize size)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(gunichar));
	uint32_t options = PCRE2_UTF | PCRE2_UCP | (ignore_case ? PCRE2_CASELESS : 0);
	int code;
	PCRE2_SIZE at, from = 0;
	pcre2_code *compiled =
	    pcre2_compile((PCRE2_SPTR)expression, PCRE2_ZERO_TERMINATED, options, &code, &at, NULL);
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);

	if (compiled == NULL || data == NULL)
		g_error("pattern: out of memory");
	pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
	while (pcre2_match(
		   compiled, (PCRE2_SPTR)text, size, from, PCRE2_NO_UTF_CHECK, data, NULL) >= 0) {
		const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(data);
		gunichar c = g_utf8_get_char(text + ends[0]);
		g_array_append_val(out, c);
		from = ends[1];
	}
	pcre2_match_data_free(data);
	pcre2_code_free(compiled);
	return out;
}

const char *
pattern_version(void)
{
	return G_STRINGIFY(PCRE2_MAJOR) "." G_STRINGIFY(PCRE2_MINOR);
}
