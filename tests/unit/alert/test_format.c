#include "alert/sink.h"
#include "tests/lib/unit.h"

/* --- addresses -------------------------------------------------------------- */

static const struct {
	const char *url;
	int transport; /* -1: refused */
	const char *host, *port;
} ADDRESSES[] = {
    {"unix:/dev/log", SYSLOG_UNIX, "/dev/log", ""},
    {"unix:///run/log", SYSLOG_UNIX, "/run/log", ""},
    {"udp://192.0.2.1", SYSLOG_UDP, "192.0.2.1", "514"},
    {"udp://syslog.example.org:5514", SYSLOG_UDP, "syslog.example.org", "5514"},
    {"tcp://[2001:db8::1]:601", SYSLOG_TCP, "2001:db8::1", "601"},
    {"tcp://[2001:db8::1]", SYSLOG_TCP, "2001:db8::1", "514"},
    {"tls://syslog.example.org", SYSLOG_TLS, "syslog.example.org", "6514"},
    {"unix:", -1, NULL, NULL},
    {"unix:relative", -1, NULL, NULL},
    {"unix:/a/path/that/is/much/too/long/for/a/socket/address/which/has/only/room/for/a/"
     "hundred/and/seven/bytes/of/it/all",
	-1, NULL, NULL},
    {"udp://", -1, NULL, NULL},
    {"udp://:514", -1, NULL, NULL},
    {"udp://host:", -1, NULL, NULL},
    {"udp://host:0", -1, NULL, NULL},
    {"udp://host:65536", -1, NULL, NULL},
    {"udp://host:514x", -1, NULL, NULL},
    {"udp://host:99999999999999999999", -1, NULL, NULL},
    {"udp://user@host", -1, NULL, NULL},
    {"udp://host/path", -1, NULL, NULL},
    {"tcp://[::1", -1, NULL, NULL},
    {"tcp://[::1]x", -1, NULL, NULL},
    {"http://host", -1, NULL, NULL},
    {"", -1, NULL, NULL},
};

START_TEST(address_rows)
{
	struct syslog_address address;
	struct err err = {0};
	bool ok = syslog_address_parse(ADDRESSES[_i].url, &address, &err);

	ck_assert_msg(ok == (ADDRESSES[_i].transport >= 0), "%s", ADDRESSES[_i].url);
	if (!ok) {
		ck_assert_int_eq(err.code, ERR_CONFIG);
		return;
	}
	ck_assert_int_eq(
	    address.transport, (enum syslog_transport)ADDRESSES[_i].transport);
	ck_assert_str_eq(address.host, ADDRESSES[_i].host);
	ck_assert_str_eq(address.port, ADDRESSES[_i].port);
}
END_TEST

/* --- RFC 5424 ----------------------------------------------------------------- */

static struct syslog_origin
an_origin(size_t max)
{
	return (struct syslog_origin){
	    .facility = 3, .hostname = "monitor", .process_id = 42, .max_message = max};
}

#define HEAD(pri, check) "<" pri ">1 2016-01-04T00:00:00Z monitor ctwardend 42 " check " "

static const struct {
	const char *what, *payload, *message; /* NULL: refused */
} MESSAGES[] = {
    {"a finding",
	"{\"id\":\"ab\",\"kind\":\"finding\",\"check\":\"watched-name\","
	"\"subrule\":null,\"level\":\"error\",\"title\":\"T\",\"message\":\"M\","
	"\"time\":\"2016-01-04T00:00:00Z\",\"watch\":\"example.org\","
	"\"certificate\":{\"sha256\":\"00\",\"serial\":\"01\",\"names\":[\"a\",\"b\"]},"
	"\"sightings\":[{\"log\":\"argon\",\"index\":7},{\"log\":\"x\",\"index\":8}]}",
	HEAD("27", "watched-name") "[ctwarden@32473 id=\"ab\" kind=\"finding\" "
				   "check=\"watched-name\" level=\"error\" "
				   "watch=\"example.org\" log=\"argon\" index=\"7\" "
				   "sha256=\"00\" serial=\"01\" names=\"a b\"] T: M"},
    {"a warning",
	"{\"check\":\"c\",\"level\":\"warning\",\"time\":\"2016-01-04T00:00:00Z\"}",
	HEAD("28", "c") "[ctwarden@32473 check=\"c\" level=\"warning\"] "},
    {"a notice",
	"{\"check\":\"c\",\"level\":\"notice\",\"time\":\"2016-01-04T00:00:00Z\"}",
	HEAD("29", "c") "[ctwarden@32473 check=\"c\" level=\"notice\"] "},
    {"a sign of life",
	"{\"kind\":\"heartbeat\",\"level\":\"notice\","
	"\"time\":\"2016-01-04T00:00:00Z\"}",
	HEAD("30", "-") "[ctwarden@32473 kind=\"heartbeat\" level=\"notice\"] "},
    {"a count",
	"{\"check\":\"c\",\"digest\":{\"count\":12},\"time\":\"2016-01-04T00:00:00Z\"}",
	HEAD("29", "c") "[ctwarden@32473 check=\"c\" count=\"12\"] "},
    {"RFC 5424, 6.3.3: what is escaped",
	"{\"watch\":\"a\\\"b\\\\c]d\",\"time\":\"2016-01-04T00:00:00Z\"}",
	HEAD("29", "-") "[ctwarden@32473 watch=\"a\\\"b\\\\c\\]d\"] "},
    {"nothing known", "{}", "<29>1 - monitor ctwardend 42 - [ctwarden@32473] "},
    {"a check id with blanks, too long",
	"{\"check\":\"a b 0123456789012345678901234567890123456789\"}",
	"<29>1 - monitor ctwardend 42 ab012345678901234567890123456789 [ctwarden@32473 "
	"check=\"a b 0123456789012345678901234567890123456789\"] "},
    {"lines cannot be forged",
	"{\"message\":\"a\\n<0>1 b\\r\\u0000\\u001b[0m\\u009b\\u2028\\u202e\"}",
	"<29>1 - monitor ctwardend 42 - [ctwarden@32473] \xef\xbb\xbf"
	"a?<0>1 b???[0m???"},
    {"a newline alone needs no mark", "{\"message\":\"a\\nb\"}",
	"<29>1 - monitor ctwardend 42 - [ctwarden@32473] a?b"},
    {"UTF-8 says so", "{\"title\":\"\\u6c83\"}",
	"<29>1 - monitor ctwardend 42 - [ctwarden@32473] \xef\xbb\xbf\xe6\xb2\x83"},
    {"members of another type are nothing",
	"{\"check\":7,\"certificate\":[],\"sightings\":{},\"digest\":1,\"level\":{}}",
	"<29>1 - monitor ctwardend 42 - [ctwarden@32473] "},
    {"an array", "[]", NULL},
    {"cut", "{\"id\":", NULL},
    {"nothing", "", NULL},
};

START_TEST(message_rows)
{
	struct syslog_origin origin = an_origin(2048);
	struct err err = {0};
	struct buf out;
	bool ok;

	buf_init(&out, 4096);
	ok = syslog_format(&origin, bytes_text(MESSAGES[_i].payload), &out, &err);
	ck_assert_msg(ok == (MESSAGES[_i].message != NULL), "%s", MESSAGES[_i].what);
	if (ok)
		ck_assert_msg(strcmp(buf_text(&out), MESSAGES[_i].message) == 0, "%s: %s",
		    MESSAGES[_i].what, buf_text(&out));
	else
		ck_assert_int_eq(err.code, ERR_PARSE);
	buf_free(&out);
}
END_TEST

/* --- length ------------------------------------------------------------------- */

/* Every message ends its data, holds no control, breaks no character. */
static void
check_message(const struct buf *out, size_t max)
{
	ck_assert_uint_le(out->len, max);
	ck_assert(utf8_valid(buf_bytes(out)));
	for (size_t i = 0; i < out->len; i++)
		ck_assert(out->data[i] >= 0x20 && out->data[i] != 0x7f);
}

static const struct {
	const char *what, *unit; /* the text is made of */
	size_t max;
} LONG[] = {
    {"letters, the least", "a", SYSLOG_MESSAGE_LEAST},
    {"letters, a datagram", "a", 2048},
    {"letters, a stream", "a", 8192},
    {"Chinese", "\\u6c83", SYSLOG_MESSAGE_LEAST},
    {"four bytes a character", "\\ud83d\\ude00", 2048},
    {"quotes, which grow", "\\\"]", SYSLOG_MESSAGE_LEAST},
    {"newlines", "\\n", 2048},
    {"right to left", "\\u202e", 8192},
};

START_TEST(long_rows)
{
	struct syslog_origin origin = an_origin(LONG[_i].max);
	struct buf payload, out, text;
	struct err err = {0};

	buf_init(&payload, (size_t)4 * 1024 * 1024);
	buf_init(&text, (size_t)1024 * 1024);
	buf_init(&out, 9000);
	while (text.len < (size_t)100 * 1024)
		buf_append_text(&text, LONG[_i].unit);
	buf_append_format(&payload,
	    "{\"id\":\"0123456789abcdef0123456789abcdef\",\"check\":\"watched-name\","
	    "\"level\":\"error\",\"title\":\"T\",\"message\":\"%s\",\"watch\":\"%s\","
	    "\"certificate\":{\"subject\":\"%s\",\"issuer\":\"%s\",\"names\":[\"%s\"]},"
	    "\"sightings\":[{\"log\":\"%s\",\"index\":7}]}",
	    buf_text(&text), buf_text(&text), buf_text(&text), buf_text(&text),
	    buf_text(&text), buf_text(&text));
	ck_assert(syslog_format(&origin, buf_bytes(&payload), &out, &err));
	check_message(&out, LONG[_i].max);
	ck_assert_ptr_nonnull(
	    strstr(buf_text(&out), " id=\"0123456789abcdef0123456789abcdef\" "));
	ck_assert_uint_ge(out.len, LONG[_i].max - 3);
	ck_assert_str_eq(buf_text(&out) + out.len - 3, "...");
	buf_free(&out);
	buf_free(&text);
	buf_free(&payload);
}
END_TEST

/* What exactly fits is not cut. */
START_TEST(the_last_byte_counts)
{
	struct syslog_origin origin = an_origin(SYSLOG_MESSAGE_LEAST);
	size_t fits = 0;
	struct err err = {0};

	for (size_t len = 400; len < 480; len++) {
		char *payload = mem_format("{\"message\":\"%0*d\"}", (int)len, 7);
		struct buf out;

		buf_init(&out, 1000);
		ck_assert(syslog_format(&origin, bytes_text(payload), &out, &err));
		check_message(&out, SYSLOG_MESSAGE_LEAST);
		if (strstr(buf_text(&out), "...") == NULL)
			fits = out.len;
		buf_free(&out);
		mem_free(payload);
	}
	ck_assert_uint_eq(fits, SYSLOG_MESSAGE_LEAST);
}
END_TEST

START_TEST(a_hostname_is_one_word)
{
	struct syslog_origin origin = an_origin(2048);
	struct err err = {0};
	struct buf out;

	buf_init(&out, 4096);
	origin.hostname = "my host\n\xff";
	ck_assert(syslog_format(&origin, bytes_text("{}"), &out, &err));
	ck_assert_ptr_nonnull(strstr(buf_text(&out), "- myhost ctwardend"));
	origin.hostname = NULL;
	ck_assert(syslog_format(&origin, bytes_text("{}"), &out, &err));
	ck_assert_ptr_nonnull(strstr(buf_text(&out), "<29>1 - - ctwardend"));
	buf_free(&out);
}
END_TEST

/* --- the webhook's signature ---------------------------------------------------- */

/* Made with: printf '%s' TIME.BODY | openssl dgst -sha256 -hmac SECRET */
static const struct {
	const char *secret;
	int64_t time;
	const char *body, *mac;
} SIGNATURES[] = {
    {"secret", 1790000000, "{}",
	"d0cadd434460d4af55e7ab90d79c1802591d7001a77c9e06471d0e3ec8cc85ae"},
    {"Jefe", 0, "what do ya want for nothing?",
	"37f471929915ccd2cbbe79feb84ffcff4f2bb25e15fc41c2506687331ae179cc"},
    {"another", 1790000000, "{\"version\":1}",
	"37617227abedc88d04dca3e33fd194adcbe4645ed9354b7b85ef60da4b2b18d1"},
};

START_TEST(signature_rows)
{
	char hex[65];

	webhook_sign(bytes_text(SIGNATURES[_i].secret), SIGNATURES[_i].time,
	    bytes_text(SIGNATURES[_i].body), hex);
	ck_assert_str_eq(hex, SIGNATURES[_i].mac);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("format");

	tcase_add_loop_test(tc, address_rows, 0, UNIT_COUNT(ADDRESSES));
	tcase_add_loop_test(tc, message_rows, 0, UNIT_COUNT(MESSAGES));
	tcase_add_loop_test(tc, long_rows, 0, UNIT_COUNT(LONG));
	tcase_add_test(tc, the_last_byte_counts);
	tcase_add_test(tc, a_hostname_is_one_word);
	tcase_add_loop_test(tc, signature_rows, 0, UNIT_COUNT(SIGNATURES));
	return unit_run("alert/format", tc);
}
