/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The program of the scan workers: all that parses mail is linked here and nowhere else.
 */
#include "worker/worker.h"

int
main(int argc, char **argv)
{
	return worker_main(argc, argv);
}
