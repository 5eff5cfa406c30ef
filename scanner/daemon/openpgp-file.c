/* SPDX-License-Identifier: GPL-3.0-or-later */
/* openpgp-file - see openpgp-file.h. The passphrase goes over GPGME's pipe, never by a command
 * line. */
#include "daemon/openpgp-file.h"

#include "base/fault.h"

#if FLAGPOST_GPGME

#include <errno.h>
#include <ftw.h>
#include <gpgme.h>
#include <string.h>
#include <unistd.h>

#define KEYS_MAX 100

struct session {
	gpgme_ctx_t context;
	char *home; /* NULL: the caller's */
	const char *passphrase;
};

const char *
openpgp_file_trouble(void)
{
	if (gpgme_check_version("1.14.0") == NULL)
		return "GPGME is older than 1.14";
	return gpgme_engine_check_version(GPGME_PROTOCOL_OpenPGP) != 0
		   ? "GnuPG is not installed (package gnupg)"
		   : NULL;
}

static bool
check(gpgme_error_t code, const char *what, GError **error)
{
	if (code == GPG_ERR_NO_ERROR)
		return true;
	if (gpgme_err_code(code) == GPG_ERR_CANCELED ||
	    gpgme_err_code(code) == GPG_ERR_NO_PIN_ENTRY) {
		g_set_error(error, FAULT, FAULT_DENIED,
		    "OpenPGP: %s: a password is wanted and nobody could be asked: --secret-file, "
		    "or, for a key of one's own, GnuPG's agent",
		    what);
		return false;
	}
	bool denied = gpgme_err_code(code) == GPG_ERR_BAD_PASSPHRASE ||
		      gpgme_err_code(code) == GPG_ERR_DECRYPT_FAILED ||
		      gpgme_err_code(code) == GPG_ERR_NO_SECKEY;
	g_set_error(error, FAULT, denied ? FAULT_DENIED : FAULT_DATA, "OpenPGP: %s: %s", what,
	    gpgme_strerror(code));
	return false;
}

static gpgme_error_t
give_passphrase(void *data, const char *hint, const char *info, int was_bad, int fd)
{
	const struct session *session = data;
	gsize n = strlen(session->passphrase);

	(void)hint;
	(void)info;
	if (was_bad)
		return gpgme_error(GPG_ERR_BAD_PASSPHRASE);
	if (gpgme_io_writen(fd, session->passphrase, n) != 0 || gpgme_io_writen(fd, "\n", 1) != 0)
		return gpgme_error_from_errno(errno);
	return GPG_ERR_NO_ERROR;
}

static int
remove_entry(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	(void)at;
	remove(path);
	return 0;
}

/* Its agent ends by itself when it finds its socket gone. */
static void
session_end(struct session *session)
{
	if (session->context != NULL)
		gpgme_release(session->context);
	if (session->home != NULL)
		nftw(session->home, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	g_free(session->home);
}

static bool
session_begin(struct session *session, bool own_home, GError **error)
{
	const char *trouble = openpgp_file_trouble();

	if (trouble != NULL) {
		g_set_error(error, FAULT, FAULT_CONFIG, "OpenPGP: %s", trouble);
		return false;
	}
	if (own_home && (session->home = g_dir_make_tmp("flagpost-gpg-XXXXXX", error)) == NULL)
		return false;
	if (!check(gpgme_new(&session->context), "begin", error) ||
	    (own_home && !check(gpgme_ctx_set_engine_info(
				    session->context, GPGME_PROTOCOL_OpenPGP, NULL, session->home),
			     "a home", error)))
		return false;
	if (session->passphrase == NULL)
		return true;
	gpgme_set_passphrase_cb(session->context, give_passphrase, session);
	return check(gpgme_set_pinentry_mode(session->context, GPGME_PINENTRY_MODE_LOOPBACK),
	    "a passphrase", error);
}

static bool
import_keys(gpgme_ctx_t context, const char *path, GError **error)
{
	gpgme_data_t data;
	gpgme_error_t code = gpgme_data_new_from_file(&data, path, 1);

	if (code != GPG_ERR_NO_ERROR) {
		g_set_error(error, FAULT, FAULT_CONFIG, "%s: the public keys cannot be read: %s",
		    path, gpgme_strerror(code));
		return false;
	}
	bool right = check(gpgme_op_import(context, data), path, error);
	gpgme_data_release(data);
	return right;
}

/* All keys of the home that can encrypt; NULL-terminated. */
static bool
list_keys(gpgme_ctx_t context, const char *path, gpgme_key_t keys[KEYS_MAX + 1], GError **error)
{
	gpgme_key_t key;
	guint n = 0, unusable = 0;

	if (!check(gpgme_op_keylist_start(context, NULL, 0), "list keys", error))
		return false;
	while (gpgme_op_keylist_next(context, &key) == GPG_ERR_NO_ERROR) {
		bool usable = n < KEYS_MAX && key->can_encrypt && !key->expired && !key->revoked &&
			      !key->disabled && !key->invalid;
		unusable += !usable;
		if (usable)
			keys[n++] = key;
		else
			gpgme_key_unref(key);
	}
	gpgme_op_keylist_end(context);
	/* One who is left out in silence finds out when it is too late. */
	if (n > 0 && unusable == 0)
		return true;
	g_set_error(error, FAULT, FAULT_CONFIG, "%s: %s", path,
	    n + unusable == 0 ? "no key in it can encrypt"
			      : "a key in it is expired, revoked or cannot encrypt");
	return false;
}

static bool
run(struct session *session, int in, int out, gpgme_key_t *keys, bool decrypt, GError **error)
{
	gpgme_encrypt_flags_t flags = GPGME_ENCRYPT_ALWAYS_TRUST | GPGME_ENCRYPT_NO_COMPRESS;
	gpgme_data_t from = NULL, to = NULL;

	if (lseek(in, 0, SEEK_SET) < 0) {
		fault_errno(error, "seek");
		return false;
	}
	bool right = check(gpgme_data_new_from_fd(&from, in), "read", error) &&
		     check(gpgme_data_new_from_fd(&to, out), "write", error);
	if (right && decrypt)
		right = check(gpgme_op_decrypt(session->context, from, to), "decrypt", error);
	else if (right)
		right = check(
		    gpgme_op_encrypt(session->context, keys, flags, from, to), "encrypt", error);
	gpgme_data_release(from);
	gpgme_data_release(to);
	return right;
}

bool
openpgp_file_encrypt(int in, int out, const char *passphrase, const char *keys, GError **error)
{
	struct session session = { .passphrase = passphrase };
	gpgme_key_t list[KEYS_MAX + 1] = { NULL };
	bool right = session_begin(&session, true, error);

	if (right && passphrase == NULL)
		right = import_keys(session.context, keys, error) &&
			list_keys(session.context, keys, list, error);
	right = right && run(&session, in, out, passphrase == NULL ? list : NULL, false, error);
	for (guint i = 0; list[i] != NULL; i++)
		gpgme_key_unref(list[i]);
	session_end(&session);
	return right;
}

static GBytes *
armour(struct session *session, GBytes *content, gpgme_key_t *keys, GError **error)
{
	gpgme_encrypt_flags_t flags = GPGME_ENCRYPT_ALWAYS_TRUST;
	gpgme_data_t from = NULL, to = NULL;
	gsize size;
	const char *data = g_bytes_get_data(content, &size);
	GBytes *out = NULL;

	gpgme_set_armor(session->context, 1);
	if (check(gpgme_data_new_from_mem(&from, data, size, 0), "read", error) &&
	    check(gpgme_data_new(&to), "write", error) &&
	    check(gpgme_op_encrypt(session->context, keys, flags, from, to), "encrypt", error)) {
		char *text = gpgme_data_release_and_get_mem(g_steal_pointer(&to), &size);
		out = g_bytes_new(text, size);
		gpgme_free(text);
	}
	gpgme_data_release(from);
	gpgme_data_release(to);
	return out;
}

GBytes *
openpgp_file_armoured(GBytes *content, const char *keys, GError **error)
{
	struct session session = { 0 };
	gpgme_key_t list[KEYS_MAX + 1] = { NULL };
	GBytes *out = NULL;

	if (session_begin(&session, true, error) && import_keys(session.context, keys, error) &&
	    list_keys(session.context, keys, list, error))
		out = armour(&session, content, list, error);
	for (guint i = 0; list[i] != NULL; i++)
		gpgme_key_unref(list[i]);
	session_end(&session);
	return out;
}

bool
openpgp_file_decrypt(int in, int out, const char *passphrase, GError **error)
{
	struct session session = { .passphrase = passphrase };
	bool right = session_begin(&session, passphrase != NULL, error) &&
		     run(&session, in, out, NULL, true, error);

	session_end(&session);
	return right;
}

#else

const char *
openpgp_file_trouble(void)
{
	return "this program was built without GPGME";
}

static bool
refuse(GError **error)
{
	g_set_error(error, FAULT, FAULT_CONFIG, "OpenPGP: %s", openpgp_file_trouble());
	return false;
}

bool
openpgp_file_encrypt(int in, int out, const char *passphrase, const char *keys, GError **error)
{
	(void)in;
	(void)out;
	(void)passphrase;
	(void)keys;
	return refuse(error);
}

GBytes *
openpgp_file_armoured(GBytes *content, const char *keys, GError **error)
{
	(void)content;
	(void)keys;
	(void)refuse(error);
	return NULL;
}

bool
openpgp_file_decrypt(int in, int out, const char *passphrase, GError **error)
{
	(void)in;
	(void)out;
	(void)passphrase;
	return refuse(error);
}

#endif
