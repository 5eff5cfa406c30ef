/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/share.h"

#include <math.h>

/* The normal distribution leaves 2.5 percent beyond it on either side. */
#define Z 1.959963984540054

void
share_bounds(guint64 found, guint64 looked_at, double *share, double *low, double *high)
{
	*share = *low = 0;
	*high = 1;
	if (looked_at == 0)
		return;
	double n = (double)looked_at;
	double p = (double)MIN(found, looked_at) / n;
	double middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n);
	double reach = Z / (1 + Z * Z / n) * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n));
	*share = p;
	/* At the ends the formula gives 0 and 1 but for the last digit. */
	*low = found == 0 ? 0 : MAX(middle - reach, 0);
	*high = found >= looked_at ? 1 : MIN(middle + reach, 1);
}
