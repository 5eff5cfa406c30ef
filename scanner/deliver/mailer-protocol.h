/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DELIVER_MAILER_PROTOCOL_H
#define FLAGPOST_DELIVER_MAILER_PROTOCOL_H
/*
 * mailer-protocol - the frames between the mailer and its parent.
 *
 * To the mailer:   SETTINGS (server, recipients, the message's descriptor), once
 *                  or BATCH (target, name of the batch, the body's descriptor), once
 *                  or DIGEST (of a time stamping authority the address, what is to be stamped, and
 *                  the files of its certificates), once
 *                  or NAMES (a resolver or "", seconds, names in DNS), once
 * From the mailer: RESULT (recipient, state, sentence) for each recipient, in order; or
 *                  TAKEN (an exit code of base/fault.h or 0, and why); or
 *                  STAMPED (the same, and the time, the signer and the answer); or
 *                  TXT (which name, an outcome of deliver/resolver.h, its text) for each name, in
 *                  any order; then it ends
 */
#include "base/wire.h"
#include "deliver/smtp.h"
#include "deliver/target.h"

enum mailer_kind {
	MAILER_SETTINGS,
	MAILER_RESULT,
	MAILER_BATCH,
	MAILER_TAKEN,
	MAILER_DIGEST,
	MAILER_STAMPED,
	MAILER_NAMES,
	MAILER_TXT,
	MAILER_KINDS
};

#define MAILER_SETTINGS_TYPE "(" SMTP_TYPE "as)"
#define MAILER_RESULT_TYPE   "(sus)"
#define MAILER_BATCH_TYPE    "(" TARGET_TYPE "s)"
#define MAILER_TAKEN_TYPE    "(us)"
#define MAILER_DIGEST_TYPE   "(ssss)"
#define MAILER_STAMPED_TYPE  "(usxsay)"
#define MAILER_NAMES_TYPE    "(stas)"
#define MAILER_TXT_TYPE      "(uus)"
#define MAILER_TEXT_MAX      4096

extern const struct wire_protocol mailer_protocol;

#endif
