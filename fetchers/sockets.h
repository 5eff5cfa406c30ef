/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_SOCKETS_H
#define FLAGPOST_FETCHERS_SOCKETS_H
/*
 * sockets - libcurl's sockets and our own in one poll (libcurl's curl_multi_socket_action).
 *
 * curl_multi_perform asks every connection's socket by itself at every turn: with 64 that connect
 * at once this is most of what the fetcher does. Here libcurl tells which sockets it waits for and
 * when its next clock runs out, and hears only of those that are ready.
 *
 *	sockets_begin -> sockets_add for each of ours -> sockets_wait -> sockets_is_ready
 */
#include <curl/curl.h>
#include <glib.h>
#include <stdbool.h>

struct sockets;

/* multi must outlive it, and be driven by it alone. */
struct sockets *sockets_new(CURLM *multi);
/* Before curl_multi_cleanup, behind the last handle's removal; NULL is fine. */
void sockets_free(struct sockets *sockets);

void sockets_begin(struct sockets *sockets); /* forgets ours of the turn before */
/* The socket's number for sockets_is_ready; 0 where fd is -1. */
guint sockets_add(struct sockets *sockets, int fd, bool read, bool write);
/* Sleeps at most so long (0: not at all), shorter where libcurl has something to do; lets libcurl
 * do it. */
void sockets_wait(struct sockets *sockets, gint64 milliseconds);
/* Something came, or may be written, or the socket broke; false for number 0. */
bool sockets_is_ready(const struct sockets *sockets, guint number);

#endif
