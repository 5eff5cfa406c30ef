/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DELIVER_MAILER_PROTOCOL_H
#define FLAGPOST_DELIVER_MAILER_PROTOCOL_H
/*
 * mailer-protocol - the frames between the mailer and its parent.
 *
 * To the mailer:   SETTINGS (server, recipients, the message's descriptor), once
 * From the mailer: RESULT (recipient, state, sentence) for each recipient, in order; then it ends
 */
#include "base/wire.h"
#include "deliver/smtp.h"

enum mailer_kind { MAILER_SETTINGS, MAILER_RESULT, MAILER_KINDS };

#define MAILER_SETTINGS_TYPE "(" SMTP_TYPE "as)"
#define MAILER_RESULT_TYPE   "(sus)"
#define MAILER_TEXT_MAX      4096

extern const struct wire_protocol mailer_protocol;

#endif
