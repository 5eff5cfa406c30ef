/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_OFFICE_CRYPT_H
#define FLAGPOST_WORKER_OFFICE_CRYPT_H
/*
 * office-crypt - documents of Office that are encrypted with a password that every program tries
 * by itself, so that they open for everybody (MS-OFFCRYPTO section 2.3, MS-XLS section 2.4.117).
 *
 * Only those passwords are tried. AES comes from libcrypto, RC4 is ours: libcrypto keeps it in a
 * module that a sandbox cannot load.
 */
#include <glib.h>
#include <stdbool.h>

#include "worker/scan.h"

#define OFFICE_CRYPT_SPINS 1000000 /* rounds of hashing that are tried; Office writes 100,000 */

/*
 * The streams EncryptionInfo and EncryptedPackage. Decrypts package in place; the document is then
 * in *from and *length. False when it needs another password, or by a way that is not known.
 */
bool office_crypt_package(struct scan *scan, const guint8 *info, gsize info_size, guint8 *package,
    gsize size, gsize *from, gsize *length);

/*
 * The records behind a workbook's FILEPASS, whose body is pass: at `behind` in the bytes of the
 * stream, which are decrypted in place.
 */
bool office_crypt_workbook(
    const guint8 *pass, gsize pass_size, guint8 *bytes, gsize size, gsize behind);

#endif
