/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_JOURNAL_H
#define FLAGPOST_WORKER_JOURNAL_H
/*
 * journal - the envelope in a journal report of Exchange or Microsoft 365: the report's own text
 * names the sender and every real recipient, blind copies and members of lists included, and
 *carries the message as message/rfc822 behind it.
 *
 *	Sender: anna@corp.example
 *	To: bob@rival.example
 *	Bcc: eve@rival.example
 *	Recipient: carol@corp.example, Expanded: sales@corp.example
 *
 * (Microsoft Learn, "Journal reports in Exchange Server".) Such a report has the field
 * X-MS-Journal-Report, which anybody may write: what stands in it adds people and takes none away.
 */
#include "worker/scan.h"

/* Once the bodies are read: recipients become ADDRESS_DELIVERED, the sender ADDRESS_SENDER. */
void journal_add(struct scan *scan);

#endif
