/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never opens a connection that could lose a commit: durability is set before the first statement
 * of anybody else and is the same for every connection.
 */
#include "store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"

/* Pages in the WAL before a commit moves them to the file: 16 MB, so that syncs stay rare. */
#define CHECKPOINT_PAGES 4000

/* Of the file (SQLITE_FCNTL_FILE_POINTER) or its log (.._JOURNAL_POINTER): what its last failed
 * read or write said, or 0. */
static int
last_errno(struct database *database, int which)
{
	sqlite3_file *file = NULL;
	int number = 0;

	if (sqlite3_file_control(database->handle, "main", which, &file) != SQLITE_OK ||
	    file == NULL || file->pMethods == NULL ||
	    file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number) != SQLITE_OK)
		return 0;
	return number;
}

/* access does not know of a file system that its kernel shut for writing. The database itself is
 * not opened for that: to close it would end SQLite's locks. */
static bool
is_read_only(const char *path)
{
	g_autofree char *folder = path != NULL ? g_path_get_dirname(path) : NULL;
	int fd = folder != NULL ? open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;
	bool refused = folder != NULL && fd < 0 && errno == EROFS;

	io_close(&fd);
	return refused;
}

/* What the system said, or 0: SQLite calls pages malformed that a dying disk did not give. */
static int
system_errno(struct database *database, int result)
{
	bool failed = result == SQLITE_IOERR || result == SQLITE_CANTOPEN;
	int number = failed ? sqlite3_system_errno(database->handle) : 0;

	failed = failed || result == SQLITE_CORRUPT || result == SQLITE_NOTADB;
	if (number == 0 && failed)
		number = last_errno(database, SQLITE_FCNTL_FILE_POINTER);
	if (number == 0 && failed)
		number = last_errno(database, SQLITE_FCNTL_JOURNAL_POINTER);
	if (result == SQLITE_READONLY)
		number = is_read_only(sqlite3_db_filename(database->handle, "main")) ? EROFS : 0;
	return number;
}

void
database_fault(struct database *database, const char *what, GError **error)
{
	int result = sqlite3_errcode(database->handle) & 0xff;
	int number = system_errno(database, result);
	const char *text = sqlite3_errmsg(database->handle);
	bool damaged = result == SQLITE_CORRUPT || result == SQLITE_NOTADB;
	int code = FAULT_IO;

	if (result == SQLITE_BUSY || result == SQLITE_LOCKED)
		code = FAULT_RETRY;
	else if (result == SQLITE_PERM || (result == SQLITE_READONLY && number == 0))
		code = FAULT_DENIED;
	else if (result == SQLITE_CONSTRAINT || result == SQLITE_MISUSE)
		code = FAULT_BUG;
	const char *path = sqlite3_db_filename(database->handle, "main");
	bool told = path != NULL && path[0] != '\0' && code != FAULT_BUG;
	g_autofree char *where = told ? g_strdup_printf("%s: %s", what, path) : g_strdup(what);
	if (number != 0)
		g_set_error(error, FAULT, code, "%s: %s: %s", where,
		    damaged ? "disk I/O error" : text, g_strerror(number));
	else
		g_set_error(error, FAULT, code, "%s: %s%s", where, text,
		    code == FAULT_RETRY ? "; another program holds it"
		    : damaged ? "; flagpost(1) says under DAMAGE how the store is brought back"
			      : "");
}

bool
database_is_damaged(struct database *database)
{
	int result = sqlite3_errcode(database->handle) & 0xff;

	return (result == SQLITE_CORRUPT || result == SQLITE_NOTADB) &&
	       system_errno(database, result) == 0;
}

bool
database_script(struct database *database, const char *what, const char *sql, GError **error)
{
	if (sqlite3_exec(database->handle, sql, NULL, NULL, NULL) == SQLITE_OK)
		return true;
	database_fault(database, what, error);
	return false;
}

/* SQLite would make it 0644; the WAL takes its mode from the file. */
static bool
create_file(const char *path, GError **error)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		fault_errno(error, "create %s", path);
		return false;
	}
	io_close(&fd);
	return true;
}

static bool
harden(struct database *database, GError **error)
{
	sqlite3 *handle = database->handle;

	sqlite3_extended_result_codes(handle, 1);
	sqlite3_busy_timeout(handle, DATABASE_BUSY_MS);
	if (sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) != SQLITE_OK ||
	    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) != SQLITE_OK ||
	    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL) != SQLITE_OK ||
	    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL) != SQLITE_OK ||
	    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL) != SQLITE_OK) {
		database_fault(database, "set up the database", error);
		return false;
	}
	sqlite3_wal_autocheckpoint(handle, CHECKPOINT_PAGES);
	return database_script(database, "set up the database",
	    "PRAGMA journal_mode = WAL;"
	    "PRAGMA synchronous = FULL;"
	    "PRAGMA secure_delete = ON;"
	    "PRAGMA temp_store = MEMORY;"
	    "PRAGMA cache_size = -8192;",
	    error);
}

/* A new file gives pages back that a purge leaves free; an older one keeps them for later. Asking
 * for it anywhere else would wait for writers. */
static bool
lay_out(struct database *database, const char *path, GError **error)
{
	struct stat status;

	return stat(path, &status) < 0 || status.st_size > 0 ||
	       database_script(
		   database, "lay out the database", "PRAGMA auto_vacuum = INCREMENTAL", error);
}

static void
finalize(gpointer statement)
{
	sqlite3_finalize(statement);
}

/* SQLite does not say of a file that it cannot open why. */
static void
name_disk(const char *path, GError **error)
{
	if (!is_read_only(path))
		return;
	g_clear_error(error);
	g_set_error(error, FAULT, FAULT_IO, "the disk is read-only");
}

struct database *
database_open(const char *path, bool create, GError **error)
{
	if (create && !create_file(path, error))
		return NULL;

	g_autoptr(database) database = g_new0(struct database, 1);
	database->statements = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, finalize);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
	bool opened = sqlite3_open_v2(path, &database->handle, flags, NULL) == SQLITE_OK;
	if (!opened)
		database_fault(database, "open", error);
	if (!opened || (create && !lay_out(database, path, error)) || !harden(database, error)) {
		name_disk(path, error);
		g_prefix_error(error, "%s: ", path);
		return NULL;
	}
	return g_steal_pointer(&database);
}

void
database_close(struct database *database)
{
	if (database == NULL)
		return;
	g_hash_table_unref(database->statements);
	g_clear_pointer(&database->blocks, g_hash_table_unref);
	sqlite3_close(database->handle);
	g_free(database);
}

bool
database_begin(struct database *database, GError **error)
{
	return database_script(database, "begin", "BEGIN IMMEDIATE", error);
}

bool
database_commit(struct database *database, GError **error)
{
	return database_script(database, "commit", "COMMIT", error);
}

void
database_rollback(struct database *database)
{
	/* Of blocks that are taken back the numbers come again; who only read keeps what he read.
	 */
	if (sqlite3_txn_state(database->handle, "main") != SQLITE_TXN_READ)
		g_clear_pointer(&database->blocks, g_hash_table_unref);
	if (!sqlite3_get_autocommit(database->handle))
		sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
}
