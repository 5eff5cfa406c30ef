/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/signature.h"

#include <stdarg.h>
#include <string.h>

#include "base/fault.h"

const char *const signature_words[] = { "none", "pass", "fail", "policy", "neutral", "temperror",
	"permerror", NULL };
const char *const signature_fact_words[] = { "length-tag", "uncovered-body", "expired",
	"key-withdrawn", "test-key", "line-ends", "field-twice", "weak", NULL };

struct signature *
signature_new(void)
{
	struct signature *signature = g_new0(struct signature, 1);

	signature->reason = g_strdup("");
	signature->domain = g_strdup("");
	signature->selector = g_strdup("");
	signature->algorithm = g_strdup("");
	signature->canonical = g_strdup("");
	signature->fields = g_strdup("");
	return signature;
}

void
signature_free(struct signature *signature)
{
	if (signature == NULL)
		return;
	g_free(signature->reason);
	g_free(signature->domain);
	g_free(signature->selector);
	g_free(signature->algorithm);
	g_free(signature->canonical);
	g_free(signature->fields);
	g_free(signature);
}

void
signature_say(struct signature *signature, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *more = g_strdup_vprintf(format, args);
	va_end(args);
	char *all = signature->reason[0] != '\0' ? g_strconcat(signature->reason, "; ", more, NULL)
						 : g_strdup(more);
	g_free(signature->reason);
	signature->reason = all;
}

GPtrArray *
signature_list(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)signature_free);
}

char *
signature_facts(guint facts)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (guint i = 0; signature_fact_words[i] != NULL; i++)
		if ((facts & 1u << i) != 0)
			g_string_append_printf(
			    out, "%s%s", out->len > 0 ? ", " : "", signature_fact_words[i]);
	return g_strdup(out->str);
}

char *
signature_sentence(const struct signature *signature)
{
	g_autoptr(GString) out = g_string_new(signature_words[signature->result]);

	if (signature->result == SIGNATURE_NONE)
		g_string_append(out, ": the message has no signature");
	else if (signature->domain[0] != '\0')
		g_string_append_printf(out, ": %s (selector %s%s%s)", signature->domain,
		    signature->selector, signature->algorithm[0] != '\0' ? ", " : "",
		    signature->algorithm);
	if (signature->reason[0] != '\0')
		g_string_append_printf(out, ": %s", signature->reason);
	if ((signature->facts & SIGNATURE_TESTING) != 0)
		g_string_append(out, "; the domain says that it tries signatures out");
	return g_strdup(out->str);
}

GVariant *
signature_put(const struct signature *signature)
{
	return g_variant_new(SIGNATURE_TYPE, (guint)signature->result, signature->facts,
	    signature->reason, signature->domain, signature->selector, signature->algorithm,
	    signature->canonical, signature->fields, signature->body, signature->covered,
	    signature->made, signature->expires);
}

static bool
is_sound(const struct signature *signature)
{
	const char *const texts[] = { signature->reason, signature->domain, signature->selector,
		signature->algorithm, signature->canonical, signature->fields };

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		if (strlen(texts[i]) > SIGNATURE_TEXT_MAX)
			return false;
	return signature->result < SIGNATURE_RESULTS &&
	       signature->facts < 1u << (g_strv_length((char **)signature_fact_words)) &&
	       signature->covered <= signature->body && signature->body <= G_MAXINT64;
}

struct signature *
signature_get(GVariant *variant, GError **error)
{
	g_autoptr(signature) signature = g_new0(struct signature, 1);
	guint result;

	if (!g_variant_is_of_type(variant, G_VARIANT_TYPE(SIGNATURE_TYPE))) {
		g_set_error(error, FAULT, FAULT_DATA, "a result of another form");
		return NULL;
	}
	g_variant_get(variant, SIGNATURE_TYPE, &result, &signature->facts, &signature->reason,
	    &signature->domain, &signature->selector, &signature->algorithm, &signature->canonical,
	    &signature->fields, &signature->body, &signature->covered, &signature->made,
	    &signature->expires);
	signature->result =
	    result < SIGNATURE_RESULTS ? (enum signature_result)result : SIGNATURE_RESULTS;
	if (is_sound(signature))
		return g_steal_pointer(&signature);
	g_set_error(error, FAULT, FAULT_DATA, "a result that cannot be");
	return NULL;
}
