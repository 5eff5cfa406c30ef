/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_FATES_H
#define FLAGPOST_STORE_FATES_H
/*
 * fates - what became of a placement that is gone; placement.fate, as who records it and who reads
 * it spell it.
 */

#define FATE_DELETED    "deleted"
#define FATE_MOVED      "moved"      /* it lies elsewhere in the account */
#define FATE_RENUMBERED "renumbered" /* a new UIDVALIDITY: not known yet */
#define FATE_RELINKED   "relinked"   /* it is there under its new number */

#endif
