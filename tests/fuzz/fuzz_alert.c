/* What leaves the house: an alert's JSON made of hostile bytes, and the syslog
 * message made of whatever stands in the database. */
#include "tests/fuzz/fuzz.h"

#include <jansson.h>
#include <stdlib.h>

#include "alert/sink.h"
#include "base/text.h"

static void
check_payload(struct bytes bytes)
{
	struct notice_certificate certificate = {.issuer = bytes,
	    .serial = bytes,
	    .subject = bytes,
	    .names = &bytes,
	    .names_len = 1};
	struct notice notice = {.check = "fuzz",
	    .message = bytes,
	    .certificate = &certificate,
	    .evidence = bytes};
	struct buf out;
	json_t *root;

	buf_init(&out, NOTICE_PAYLOAD_MAX);
	notice_payload(&notice, &out);
	root = json_loadb((const char *)out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
	if (out.failed || !json_is_object(root))
		abort();
	json_decref(root);
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct syslog_origin origin = {.hostname = "h", .max_message = 1024};
	struct err err = {0};
	struct buf out;

	check_payload(bytes_of(data, len));
	buf_init(&out, 2048);
	if (syslog_format(&origin, bytes_of(data, len), &out, &err)) {
		if (out.failed || out.len > 1024 || !utf8_valid(buf_bytes(&out)))
			abort();
		for (size_t i = 0; i < out.len; i++)
			if (out.data[i] < 0x20 || out.data[i] == 0x7f)
				abort();
	}
	buf_free(&out);
	return 0;
}
