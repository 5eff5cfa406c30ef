/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_SETUP_H
#define FLAGPOST_CMD_SETUP_H
/*
 * setup - configuration and rules, loaded and tested before anything works by them. What `check`
 * finds wrong is what `run` refuses: both call this.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/problem.h"
#include "daemon/daemon.h"
#include "rules/match.h"

/*
 * Loads as much as is right; never NULL, and members are NULL from the first that is not.
 * config_path as config_load, rules_dir as config_sources. need_accounts: none is an error,
 * and groups of directories that are due are asked for (daemon/directories); else no server is
 * contacted.
 */
struct daemon_setup *setup_load(
    const char *config_path, const char *rules_dir, bool need_accounts, struct problems *problems);

/* The tests that stand in rule files. The caller sets the functions; the counts are results. */
struct setup_tests {
	void (*failed)(const struct rule_test *test, const char *text, void *data);
	void (*done)(const struct rule_test *test, guint n, guint total, void *data); /* or NULL */
	void *data;
	const char *only_rule; /* NULL: of all rules */
	guint passed_count, failed_count;
};

/* Runs all of them, with one scan worker where messages are needed. setup must be whole. */
void setup_run_tests(const struct daemon_setup *setup, struct setup_tests *tests);

/* All of them, before mail is judged by rules where none are in use yet: sets setup->failing. */
void setup_try_tests(struct daemon_setup *setup,
    void (*failed)(const struct rule_test *test, const char *text, void *data));

#endif
