/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PARAMETERS_H
#define FLAGPOST_WORKER_PARAMETERS_H
/*
 * parameters - the value and parameters of Content-Type and Content-Disposition from their raw
 * text: RFC 2045 section 5.1, RFC 2231 (charset, percent, continuations), and what is sent
 * instead (encoded words in quotes, blanks without quotes). No reading is preferred in silence:
 * all values under a name are there, in order.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "worker/charset.h"

#define PARAMETERS_MAX 200 /* more in one header are not looked at: malformed */

struct parameter {
	char *name;    /* lower case, without the marks of RFC 2231 */
	char *value;   /* decoded */
	bool extended; /* in the form of RFC 2231 */
};

struct parameters {
	char *value;      /* "text/plain", "attachment": lower case, valid UTF-8 */
	GPtrArray *items; /* of struct parameter */
	bool malformed;
};

/* raw may be NULL, which gives an empty value. */
struct parameters *parameters_parse(struct charset *charset, const char *raw);
void parameters_free(struct parameters *parameters);
AUTO_DEFINE(parameters, parameters_free)

/* The value that mail programs show: an extended one before a plain one; NULL for none. */
const char *parameters_get(const struct parameters *parameters, const char *name);

#endif
