/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DELIVER_TARGET_H
#define FLAGPOST_DELIVER_TARGET_H
/*
 * target - a system that takes flags as they come: a collector of logs, or a webhook. As
 * configured in [output.NAME]; never holds a secret, only the place of one.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

#define TARGET_TYPE "(susussssss)"

enum target_kind {
	TARGET_SYSLOG,     /* syslog://: TCP to this machine, in clear (RFC 6587) */
	TARGET_SYSLOG_TLS, /* syslogs://: TLS (RFC 5425) */
	TARGET_WEBHOOK,    /* https://: POST with a signed body */
	TARGET_KINDS,
};

struct target {
	char *name;
	enum target_kind kind;
	char *host;
	guint port;
	char *url;                      /* as written; of a webhook what is asked for */
	char *format;                   /* of reports/report.h: cef, ecs, ocsf, jsonl */
	char *secret_file, *credential; /* a webhook's key; "" where there is none */
	char *ca_file;                  /* "": the system's */
	/* Where it is configured, for messages. */
	char *file;
	guint line;
};

struct target *target_new(const char *name);
void target_free(struct target *target);
AUTO_DEFINE(target, target_free)

/* Sets kind, host, port and url; else FAULT_CONFIG. In clear only this machine is spoken to. */
bool target_set_url(struct target *target, const char *url, GError **error);

GVariant *target_put(const struct target *target); /* floating */
struct target *target_get(GVariant *variant, GError **error);

/*
 * One line as a message of RFC 5424, with its length in front (RFC 6587 section 3.4.1): facility
 * 13, log audit. severity: of syslog, 0 to 7. time in microseconds UTC.
 */
void target_frame(GString *out, const char *line, guint severity, gint64 time, const char *host);

/*
 * "t=SECONDS,v1=HEX": HMAC-SHA256 under key over "SECONDS.BODY". Whoever checks it computes the
 * same, and refuses what is older than minutes.
 */
char *target_signature(const char *key, gint64 seconds, GBytes *body);

#endif
