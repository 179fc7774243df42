/* The configuration file: libconfuse, our table, and what follows from both. */
#include "tests/fuzz/fuzz.h"

#include "conf/conf.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct conf conf;
	struct err err = {0};
	struct buf out;

	if (!conf_parse(bytes_of(data, len), "fuzz.conf", &conf, &err))
		return 0;
	buf_init(&out, 4096);
	for (size_t i = 0; conf_warning(&conf, i, &out); i++)
		buf_clear(&out);
	buf_free(&out);
	conf_free(&conf);
	return 0;
}
