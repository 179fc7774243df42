#include "check/interval.h"

#include <math.h>

#define Z_95 1.959963984540054

struct rate_interval
rate_interval(uint64_t count, uint64_t total)
{
	double n = (double)total, p, z2 = Z_95 * Z_95, centre, half;

	if (total == 0)
		return (struct rate_interval){0, 1};
	p = (double)count / n;
	centre = p + z2 / (2 * n);
	half = Z_95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n));
	return (struct rate_interval){
	    count == 0 ? 0 : (centre - half) / (1 + z2 / n),
	    count == total ? 1 : (centre + half) / (1 + z2 / n),
	};
}

double
rate_excess(uint64_t count, uint64_t total, uint64_t before, uint64_t before_total)
{
	double n = (double)total, m = (double)before_total, pooled, error;

	if (total == 0 || before_total == 0)
		return 0;
	pooled = (double)(count + before) / (n + m);
	error = sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
	return error > 0 ? ((double)count / n - (double)before / m) / error : 0;
}
