/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-dkim - signatures that other programs made (dkim/dkimpy-*.eml; RFC 8463's own), what becomes
 * of them when a byte, a field or the key changes, and fields that are none.
 */
#include <glib.h>
#include <string.h>

#include "mail/fields.h"
#include "worker/dkim.h"

#define AT 1795338125 /* of the fetch */
#define FORMED                                                                                     \
	"DKIM-Signature: v=1; a=rsa-sha256; d=corp.example; s=rsa; h=from; bh=AA==; b=AA==\r\n"
#define REST "From: anna@corp.example\r\n\r\ntext\r\n"

static char *
read_text(const char *name, gsize *size)
{
	g_autofree char *path =
	    g_test_build_filename(G_TEST_DIST, "unit", "worker", "dkim", name, NULL);
	g_autoptr(GError) error = NULL;
	char *text = NULL;

	g_file_get_contents(path, &text, size, &error);
	g_assert_no_error(error);
	return text;
}

/* The record of that selector. */
static char *
key_of(const char *selector)
{
	g_autofree char *all = read_text("keys.txt", NULL);
	g_auto(GStrv) lines = g_strsplit(all, "\n", -1);
	g_autofree char *start = g_strconcat(selector, " ", NULL);

	for (guint i = 0; lines[i] != NULL; i++)
		if (g_str_has_prefix(lines[i], start))
			return g_strdup(lines[i] + strlen(start));
	return NULL;
}

/* With the keys that the signatures name; key: another text for the first of them. */
static GPtrArray *
verify(const char *data, gsize size, const char *outcome, const char *key, gint64 at)
{
	bool more;
	g_autoptr(GArray) signers = fields_signers(data, size, &more);
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
	g_autofree struct dkim_answer *answers = g_new0(struct dkim_answer, MAX(signers->len, 1));

	for (guint i = 0; i < signers->len; i++) {
		char *text = key_of(g_array_index(signers, struct fields_signer, i).selector);
		g_ptr_array_add(texts, text);
		answers[i].outcome = text != NULL ? "found" : "none";
		answers[i].text = text != NULL ? text : "";
	}
	if (outcome != NULL)
		answers[0].outcome = outcome;
	if (key != NULL)
		answers[0].text = key;
	return dkim_verify(data, size, answers, signers->len, at);
}

static void
check(const GPtrArray *list, guint place, const char *result, const char *facts, const char *reason)
{
	g_assert_cmpuint(place, <, list->len);
	const struct signature *signature = list->pdata[place];
	g_autofree char *found = signature_facts(signature->facts);

	g_test_message("%s [%s] %s", signature_words[signature->result], found, signature->reason);
	g_assert_cmpstr(signature_words[signature->result], ==, result);
	g_assert_cmpstr(found, ==, facts);
	if (reason[0] == '\0')
		g_assert_cmpstr(signature->reason, ==, "");
	else if (strstr(signature->reason, reason) == NULL)
		g_error("'%s' says nothing of '%s'", signature->reason, reason);
}

static const struct {
	const char *file, *result, *facts, *reason;
} made[] = {
	{ "dkimpy-relaxed-relaxed.eml", "pass", "", "" },
	{ "dkimpy-relaxed-relaxed-empty.eml", "pass", "", "" },
	{ "dkimpy-relaxed-simple.eml", "pass", "", "" },
	{ "dkimpy-relaxed-simple-empty.eml", "pass", "", "" },
	{ "dkimpy-simple-relaxed.eml", "pass", "", "" },
	{ "dkimpy-simple-relaxed-empty.eml", "pass", "", "" },
	{ "dkimpy-simple-simple.eml", "pass", "", "" },
	{ "dkimpy-simple-simple-empty.eml", "pass", "", "" },
	{ "dkimpy-no-end.eml", "pass", "", "" },
	{ "dkimpy-no-end-simple.eml", "pass", "", "" },
	{ "dkimpy-bare-lf.eml", "pass", "line-ends", "" },
	{ "dkimpy-bytes.eml", "pass", "", "" },
	{ "rfc8463.eml", "pass", "", "" },
	{ "ed25519.eml", "pass", "", "" },
	{ "oversigned.eml", "pass", "", "" },
	{ "two.eml", "pass", "", "" },
	{ "length.eml", "pass", "length-tag, uncovered-body", "the first 17 are signed" },
	{ "expires.eml", "pass", "", "" },
	{ "sha1.eml", "policy", "weak", "rsa-sha1" },
	{ "weak.eml", "policy", "weak", "512 bits" },
	{ "no-from.eml", "permerror", "", "From is not signed" },
	{ "other-identity.eml", "neutral", "", "i=" },
	{ "two-from.eml", "policy", "field-twice", "2 fields from, of which 1 is signed" },
};

static void
test_made(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(made); i++) {
		gsize size;
		g_autofree char *data = read_text(made[i].file, &size);
		g_test_message("%s", made[i].file);
		g_autoptr(GPtrArray) list = verify(data, size, NULL, NULL, AT);
		check(list, 0, made[i].result, made[i].facts, made[i].reason);
		g_assert_cmpuint(list->len, ==,
		    g_str_has_prefix(made[i].file, "two.") ||
			    g_str_has_prefix(made[i].file, "rfc8463")
			? 2
			: 1);
		if (list->len == 2)
			check(list, 1, "pass", "", "");
	}
}

/* Lines that end with LF alone are those of a Maildir: on the way they had CRLF. */
static void
test_lines(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(made); i++) {
		gsize size;
		g_autofree char *data = read_text(made[i].file, &size);
		if (strcmp(made[i].result, "pass") != 0 || strstr(made[i].file, "bare") != NULL ||
		    strstr(made[i].file, "bytes") != NULL)
			continue;
		g_autoptr(GString) text = g_string_new_len(data, (gssize)size);
		g_string_replace(text, "\r\n", "\n", 0);
		g_test_message("%s", made[i].file);
		g_autoptr(GPtrArray) list = verify(text->str, text->len, NULL, NULL, AT);
		const struct signature *signature = list->pdata[0];
		g_assert_cmpstr(signature_words[signature->result], ==, "pass");
		g_assert_cmpuint(signature->facts & SIGNATURE_LINES, !=, 0);
	}
}

/* Of a mail that passes. */
static const struct {
	const char *label, *file, *from, *to, *result, *facts, *reason;
} changes[] = {
	{ "a letter of the body", "ed25519.eml", "hello", "jello", "fail", "", "the body is not" },
	{ "a letter of a field", "ed25519.eml", "Price", "Prize", "fail", "",
	    "the header fields are not" },
	{ "blanks, which relaxed takes for the same", "ed25519.eml", "Price \t list",
	    "Price   list  ", "pass", "", "" },
	{ "and simple does not", "dkimpy-simple-simple.eml", "Price \t list", "Price list", "fail",
	    "", "the header fields are not" },
	{ "a field that is not signed", "ed25519.eml", "X-Odd:", "X-Odd: more", "pass", "", "" },
	{ "a field before all", "ed25519.eml", "DKIM-Sig", "Received: x\r\nDKIM-Sig", "pass", "",
	    "" },
	{ "a line that is no field", "ed25519.eml", "DKIM-Sig", "no field\r\nDKIM-Sig", "pass", "",
	    "" },
	{ "a line of an mbox", "ed25519.eml", "DKIM-Sig",
	    "From anna Sun Nov 22 09:02:05 2026\r\nDKIM-Sig", "pass", "", "" },
	{ "another From above", "ed25519.eml", "DKIM-Sig", "From: eve@evil.example\r\nDKIM-Sig",
	    "policy", "field-twice", "2 fields from" },
	{ "another From above, where none may be", "oversigned.eml", "DKIM-Sig",
	    "From: eve@evil.example\r\nDKIM-Sig", "fail", "", "the header fields are not" },
	{ "another Subject above", "ed25519.eml", "DKIM-Sig", "Subject: other\r\nDKIM-Sig", "pass",
	    "field-twice", "2 fields subject" },
	{ "lines at the end", "ed25519.eml", "blanks\r\n", "blanks\r\n\r\n\r\n", "pass", "", "" },
	{ "text at the end", "ed25519.eml", "blanks\r\n", "blanks\r\nmore\r\n", "fail", "",
	    "the body is not" },
	{ "text behind what is signed", "length.eml", "blanks\r\n", "blanks\r\nmore\r\n", "pass",
	    "length-tag, uncovered-body", "another's" },
	{ "less than what is signed", "length.eml", "hello  world", "h", "fail",
	    "length-tag, uncovered-body", "the body is not" },
	{ "another domain", "ed25519.eml", "d=corp.example", "d=other.example", "fail", "",
	    "or not with this key" },
	{ "a length that is none", "length.eml", "l=17", "l=xx", "neutral", "", "digests" },
	{ "a tag twice", "ed25519.eml", "c=relaxed/relaxed", "c=relaxed/relaxed; c=simple",
	    "neutral", "", "a tag twice" },
	{ "no digest", "ed25519.eml", "bh=", "xh=", "neutral", "", "digests" },
	{ "a digest that is no Base64", "ed25519.eml", "bh=", "bh=!", "neutral", "", "digests" },
	{ "a version to come", "ed25519.eml", "v=1", "v=2", "neutral", "", "version" },
	{ "a way that is not known", "ed25519.eml", "ed25519-sha256", "dilithium", "neutral", "",
	    "not known" },
	{ "a form that is not known", "ed25519.eml", "relaxed/relaxed", "relaxed/loose", "neutral",
	    "", "form" },
	{ "a key that is elsewhere", "ed25519.eml", "v=1;", "v=1; q=http;", "neutral", "", "DNS" },
	{ "no domain", "ed25519.eml", "d=corp.example", "d=", "neutral", "", "names no key" },
	{ "a tag without a value", "ed25519.eml", "v=1;", "v=1; x;", "neutral", "", "tag" },
	{ "other signs", "ed25519.eml", "v=1;", "v=1; z=\303\244;", "neutral", "", "signs" },
	{ "times that are none", "expires.eml", "t=1795000000", "t=1995000000", "neutral", "",
	    "times" },
};

static void
test_changes(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(changes); i++) {
		gsize size;
		g_autofree char *data = read_text(changes[i].file, &size);
		g_autoptr(GString) text = g_string_new_len(data, (gssize)size);
		g_test_message("%s", changes[i].label);
		g_assert_cmpuint(g_string_replace(text, changes[i].from, changes[i].to, 1), ==, 1);
		g_autoptr(GPtrArray) list = verify(text->str, text->len, NULL, NULL, AT);
		check(list, 0, changes[i].result, changes[i].facts, changes[i].reason);
	}
}

#define ED "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

/* Of a mail that passes, with another answer for its key; KEY stands for the right one. */
static const struct {
	const char *label, *file, *outcome, *key, *result, *facts, *reason;
} answers[] = {
	{ "nobody asked", "ed25519.eml", "", "", "temperror", "", "nobody asked" },
	{ "nobody answered", "ed25519.eml", "failed", "timeout", "temperror", "", "not answer" },
	{ "no such name", "ed25519.eml", "none", "", "permerror", "", "no such key" },
	{ "withdrawn", "ed25519.eml", "found", "v=DKIM1; k=ed25519; p=", "permerror",
	    "key-withdrawn", "withdrawn" },
	{ "another key", "ed25519.eml", "found", ED, "fail", "", "not with this key" },
	{ "of another kind", "ed25519.eml", "found", "v=DKIM1; p=AAAA", "permerror", "",
	    "another algorithm" },
	{ "no key at all", "ed25519.eml", "found", "k=ed25519", "permerror", "", "has no key" },
	{ "another record", "ed25519.eml", "found", "v=spf1 -all", "permerror", "", "version" },
	{ "another version", "ed25519.eml", "found", "v=DKIM2; k=ed25519; p=AAAA", "permerror", "",
	    "version" },
	{ "bytes that are no key", "dkimpy-simple-simple.eml", "found", "p=AAAA", "permerror", "",
	    "is none" },
	{ "no Base64", "dkimpy-simple-simple.eml", "found", "p=*", "permerror", "", "Base64" },
	{ "for other hashes", "ed25519.eml", "found", "h=sha1; KEY", "permerror", "", "hashing" },
	{ "for these hashes", "ed25519.eml", "found", "h=sha1:sha256; KEY", "pass", "", "" },
	{ "for other things", "ed25519.eml", "found", "s=web; KEY", "permerror", "", "mail" },
	{ "for everything", "ed25519.eml", "found", "s=*; KEY", "pass", "", "" },
	{ "tried out", "ed25519.eml", "found", "t=y; KEY", "pass", "test-key", "" },
	{ "for the very domain", "ed25519.eml", "found", "t=s:y; KEY", "pass", "test-key", "" },
	{ "for the very domain, of a part", "two.eml", "found", "t=s; KEY", "permerror", "",
	    "very domain" },
	{ "two records, the second right", "ed25519.eml", "found", "v=spf1 -all\nKEY", "pass", "",
	    "" },
	{ "two keys, the second right", "ed25519.eml", "found", ED "\nKEY", "pass", "", "" },
	{ "two keys, none right", "ed25519.eml", "found", "p=\n" ED, "fail", "",
	    "not with this key" },
};

static void
test_answers(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(answers); i++) {
		gsize size;
		g_autofree char *data = read_text(answers[i].file, &size);
		g_autofree char *whole = key_of("ed");
		g_autoptr(GString) key = g_string_new(answers[i].key);
		g_test_message("%s", answers[i].label);
		/* A version must not stand behind other tags. */
		g_string_replace(key, "KEY", whole + strlen("v=DKIM1; "), 0);
		g_autoptr(GPtrArray) list = verify(data, size, answers[i].outcome, key->str, AT);
		check(list, 0, answers[i].result, answers[i].facts, answers[i].reason);
	}
}

static void
test_expired(void)
{
	gsize size;
	g_autofree char *data = read_text("expires.eml", &size);
	g_autoptr(GPtrArray) at = verify(data, size, NULL, NULL, 1795600000);
	g_autoptr(GPtrArray) before = verify(data, size, NULL, NULL, 1795599999);

	check(at, 0, "policy", "expired", "expired before the fetch");
	check(before, 0, "pass", "", "");
	const struct signature *signature = at->pdata[0];
	g_assert_cmpint(signature->made, ==, 1795000000);
	g_assert_cmpint(signature->expires, ==, 1795600000);
}

static void
test_told(void)
{
	gsize size;
	g_autofree char *data = read_text("length.eml", &size);
	g_autoptr(GPtrArray) list = verify(data, size, NULL, NULL, AT);
	const struct signature *signature = list->pdata[0];

	g_assert_cmpstr(signature->domain, ==, "corp.example");
	g_assert_cmpstr(signature->selector, ==, "rsa");
	g_assert_cmpstr(signature->algorithm, ==, "rsa-sha256");
	g_assert_cmpstr(signature->canonical, ==, "relaxed/relaxed");
	g_assert_cmpstr(signature->fields, ==, "from:to:subject:date");
	g_assert_cmpuint(signature->covered, ==, 17);
	g_assert_cmpuint(signature->body, ==, 35);
	g_autofree char *sentence = signature_sentence(signature);
	g_assert_true(g_str_has_prefix(
	    sentence, "pass: corp.example (selector rsa, rsa-sha256): of the body's 35 bytes"));
}

static void
test_none(void)
{
	static const char *const mails[] = { "", "\r\n", "\n", "From: a@x\r\n", REST,
		"DKIM-Signature\r\n\r\n" };

	for (guint i = 0; i < G_N_ELEMENTS(mails); i++) {
		g_autoptr(GPtrArray) list = dkim_verify(mails[i], strlen(mails[i]), NULL, 0, AT);
		g_assert_cmpuint(list->len, ==, 1);
		check(list, 0, "none", "", "");
	}
}

static void
test_many(void)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < 40; i++)
		g_string_append(text, FORMED);
	g_string_append(text, REST);
	g_autoptr(GPtrArray) list = verify(text->str, text->len, NULL, NULL, AT);
	g_assert_cmpuint(list->len, ==, FIELDS_SIGNERS_MAX);
	check(list, FIELDS_SIGNERS_MAX - 1, "fail", "", "the body is not");
}

/* Fields in any number that name one another cost no more than their bytes. */
static void
test_large(void)
{
	g_autoptr(GString) text = g_string_new("DKIM-Signature: v=1; a=rsa-sha256; d=corp.example;"
					       " s=rsa; bh=AA==; b=AA==; h=from");

	for (guint i = 0; i < 100000; i++)
		g_string_append(text, ":x:dkim-signature:y");
	g_string_append(text, "\r\n");
	for (guint i = 0; i < 100000; i++)
		g_string_append(text, "x: \t\r\n ");
	g_string_append(text, "\r\n" REST);
	g_autoptr(GPtrArray) list = verify(text->str, text->len, NULL, NULL, AT);
	check(list, 0, "fail", "", "the body is not");
}

static void
test_wire(void)
{
	gsize size;
	g_autofree char *data = read_text("length.eml", &size);
	g_autoptr(GPtrArray) list = verify(data, size, NULL, NULL, AT);
	g_autoptr(GVariant) put = g_variant_ref_sink(signature_put(list->pdata[0]));
	g_autoptr(GError) error = NULL;
	g_autoptr(signature) got = signature_get(put, &error);

	g_assert_no_error(error);
	g_autofree char *before = signature_sentence(list->pdata[0]);
	g_autofree char *after = signature_sentence(got);
	g_assert_cmpstr(before, ==, after);
	static const char *const lies[] = {
		"(uint32 7, uint32 0, '', '', '', '', '', '', uint64 0, uint64 0, int64 0, int64 "
		"0)",
		"(uint32 0, uint32 256, '', '', '', '', '', '', uint64 0, uint64 0, int64 0, int64 "
		"0)",
		"(uint32 0, uint32 0, '', '', '', '', '', '', uint64 1, uint64 2, int64 0, int64 "
		"0)",
		"(uint32 0, uint32 0, '', '', '', '', '', '', uint64 18446744073709551615, uint64 "
		"2, "
		"int64 0, int64 0)",
		"(uint32 0, uint32 0)",
	};
	for (guint i = 0; i < G_N_ELEMENTS(lies); i++) {
		g_autoptr(GVariant) lie = g_variant_parse(NULL, lies[i], NULL, NULL, NULL);
		g_assert_nonnull(lie);
		g_assert_null(signature_get(lie, &error));
		g_clear_error(&error);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/dkim/made", test_made);
	g_test_add_func("/dkim/lines", test_lines);
	g_test_add_func("/dkim/changes", test_changes);
	g_test_add_func("/dkim/answers", test_answers);
	g_test_add_func("/dkim/expired", test_expired);
	g_test_add_func("/dkim/told", test_told);
	g_test_add_func("/dkim/none", test_none);
	g_test_add_func("/dkim/many", test_many);
	g_test_add_func("/dkim/large", test_large);
	g_test_add_func("/dkim/wire", test_wire);
	return g_test_run();
}
