/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_IMPORTS_STAGE_H
#define FLAGPOST_DAEMON_IMPORTS_STAGE_H
/*
 * imports-stage - what only imports.c asks for: a tar file of our own, made of an archive or of
 * files.
 */
#include "daemon/imports.h"

/*
 * Makes the tar file at path (0600, replaced) of an archive, by flagpost-worker in its sandbox.
 * *lines: what it said, a sentence a line (owned). *gaps: not all could be unpacked. False after
 * FAULT_DATA (no archive) or FAULT_IO, with no file left.
 */
bool imports_stage_archive(const char *archive, const char *path, const struct limits *limits,
    char **lines, bool *gaps, GError **error);

/* The same of files as they are; those that cannot be read are told of and left out. */
bool imports_stage_files(const GPtrArray *files, const char *path, imports_say *say, void *data,
    bool *gaps, GError **error);

#endif
