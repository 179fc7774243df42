/* A list of logs, and the logs made of it. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "ctlog/log.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct log_list list;
	struct ct_log_set *set;
	struct err err;

	if (!log_list_parse(bytes_of(data, len), &list, &err))
		return 0;
	set = ct_log_set_new();
	for (size_t i = 0; i < list.count; i++) {
		const struct ct_log *log = ct_log_from_list(&list.entries[i], &err);

		if (log == NULL)
			continue;
		if (list.entries[i].error.code != ERR_NONE)
			abort();
		(void)ct_log_operator_at(log, 0);
		ct_log_set_put(set, log);
		ct_log_free(log);
	}
	ct_log_set_free(set);
	log_list_free(&list);
	return 0;
}
