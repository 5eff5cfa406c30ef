/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The program of the scan workers: all that parses mail is linked here and nowhere else.
 */
#include <string.h>

#include "worker/worker.h"

int
main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], WORKER_UNPACK) == 0)
		return worker_unpack_main(argv + 2);
	if (argc == 4 && strcmp(argv[1], WORKER_PACK) == 0)
		return worker_pack_main(argv + 2);
	if (argc == 4 && strcmp(argv[1], WORKER_ATTACHMENTS) == 0)
		return worker_attachments_main(argv + 2);
	if (argc == 4 && strcmp(argv[1], WORKER_SIGNATURES) == 0)
		return worker_signatures_main(argv + 2);
	return worker_main(argc, argv);
}
