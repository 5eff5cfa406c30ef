/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_MAIL_SIGNATURE_H
#define FLAGPOST_MAIL_SIGNATURE_H
/*
 * signature - what came of verifying one DKIM-Signature field (RFC 6376, RFC 8463) of an exact
 * copy with the key as DNS had it at the fetch; the words are those of RFC 8601 section 2.7.1.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

enum signature_result {
	SIGNATURE_NONE,      /* of a message: it has no signature */
	SIGNATURE_PASS,      /* what is signed is as it was signed, by who has the key */
	SIGNATURE_FAIL,      /* it is not */
	SIGNATURE_POLICY,    /* it is, in a way that proves too little: see the reason */
	SIGNATURE_NEUTRAL,   /* the field says something else than RFC 6376 has words for */
	SIGNATURE_TEMPERROR, /* the key is not known */
	SIGNATURE_PERMERROR, /* there is no key, or it is of no use, or From is not signed */
	SIGNATURE_RESULTS
};
extern const char *const signature_words[]; /* "none", "pass", ...; ends with NULL */

enum signature_fact {
	SIGNATURE_LENGTH = 1 << 0,    /* l=: only the first bytes of the body are signed */
	SIGNATURE_UNCOVERED = 1 << 1, /* and there are further ones */
	SIGNATURE_EXPIRED = 1 << 2,   /* x= was over at the fetch */
	SIGNATURE_WITHDRAWN = 1 << 3, /* p= of the key is empty */
	SIGNATURE_TESTING = 1 << 4,   /* t=y: the domain tries signatures out */
	SIGNATURE_LINES = 1 << 5,     /* the copy has lines that end with LF alone: read as CRLF */
	SIGNATURE_TWICE = 1 << 6,     /* a field stands more often than it is signed */
	SIGNATURE_WEAK = 1 << 7,      /* SHA-1, or a key of less than 1,024 bits */
};
extern const char *const signature_fact_words[]; /* in the order of the bits; ends with NULL */

#define SIGNATURE_TEXT_MAX 2048 /* bytes of each text below */

/* Texts are never NULL; those of the field are ASCII without controls. */
struct signature {
	enum signature_result result;
	guint facts;           /* SIGNATURE_... */
	char *reason;          /* a sentence for people; "": nothing is to be said */
	char *domain;          /* d=, s=: of a name each, or "" */
	char *selector;        /* */
	char *algorithm;       /* a=: one that is known, or "" */
	char *canonical;       /* c=: "relaxed/simple" */
	char *fields;          /* h=: "from:to:subject", cut at SIGNATURE_TEXT_MAX */
	guint64 body, covered; /* bytes of the body in that form, and how many of them are signed */
	gint64 made, expires;  /* t=, x=: seconds since 1970; 0: it does not say */
};
struct signature *signature_new(void); /* SIGNATURE_NONE, texts "" */
void signature_free(struct signature *signature);
AUTO_DEFINE(signature, signature_free)
/* Replaces the reason, or adds to it behind "; ". */
void signature_say(struct signature *signature, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Of struct signature, freed with the array. */
GPtrArray *signature_list(void);
/* What of the bits of facts has a word: "expired, test-key"; "": none. */
char *signature_facts(guint facts);
/* "pass: sender.example (selector one, rsa-sha256)", and the reason behind it: for people. */
char *signature_sentence(const struct signature *signature);

/*
 * For another process. signature_get takes what it says for hostile: FAULT_DATA when it is not of
 * the form, has a result or a fact that does not exist, or a text too long.
 */
#define SIGNATURE_TYPE "(uussssssttxx)"
GVariant *signature_put(const struct signature *signature);
struct signature *signature_get(GVariant *variant, GError **error);

#endif
