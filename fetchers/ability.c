/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fetchers/ability.h"

#include <curl/curl.h>

const char *
ability_lacking(const struct account *account)
{
	if (account->mechanism == MECHANISM_SCRAM &&
	    (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_GSASL) == 0)
		return "this system's libcurl is built without SCRAM; write mechanism = auto";
	return NULL;
}
