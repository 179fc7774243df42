/* Folders from strangers: what is no evidence folder, what is forged, and what
 * tries to reach beyond it. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "ctlog/log.h"
#include "evidence/verify.h"
#include "tests/lib/testlog.h"
#include "tests/lib/unit.h"

#define KEY_NAME "log-key.der"

/* --- a folder --------------------------------------------------------------------- */

struct made {
	char *dir, *manifest;
	struct buf sums;
	struct testlog *log;
};

static void
put(struct made *made, const char *name, struct bytes body)
{
	char *path = mem_format("%s/%s", made->dir, name), hex[2 * SHA256_LEN + 1];
	FILE *file = fopen(path, "wbe");
	struct sha256 hash;

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(body.data, 1, body.len, file), body.len);
	ck_assert_int_eq(fclose(file), 0);
	sha256_of(body, &hash);
	buf_append_format(
	    &made->sums, "%s  %s\n", hex_format(hash.octets, SHA256_LEN, hex), name);
	mem_free(path);
}

static void
put_text(struct made *made, const char *name, const char *text)
{
	put(made, name, bytes_text(text));
}

/* A log's key, and a manifest with these claims. */
static void
make(struct made *made, const char *name, const char *claims)
{
	struct testlog_options options = {.name = "log", .origin = "log.example/log"};
	char id[2 * SHA256_LEN + 1];
	struct err err;

	made->dir = unit_temp(name);
	buf_init(&made->sums, 65536);
	made->log = testlog_new(&options, &err);
	ck_assert_msg(mkdir(made->dir, 0755) == 0, "%s", made->dir);
	put(made, KEY_NAME, testlog_key(made->log));
	made->manifest =
	    mem_format("{\"log\":{\"log_id\":\"%s\",\"kind\":\"rfc6962\",\"url\":"
		       "\"https://log.example/log/\",\"mmd_s\":86400},\"claims\":%s}",
		hex_format(testlog_id(made->log), SHA256_LEN, id), claims);
	put_text(made, EVIDENCE_MANIFEST, made->manifest);
}

static void
put_head(struct made *made, const char *name)
{
	struct testlog_request request = {.target = "ct/v1/get-sth"};
	struct testlog_answer answer;

	testlog_answer_init(&answer);
	testlog_answer(made->log, &request, &answer);
	ck_assert_int_eq(answer.status, 200);
	put(made, name, buf_bytes(&answer.body));
	testlog_answer_free(&answer);
}

static void
unmake(struct made *made)
{
	char *command = mem_format("rm -r '%s'", made->dir);

	ck_assert_int_eq(system(command), 0); /* NOLINT(cert-env33-c) */
	mem_free(command);
	testlog_free(made->log);
	buf_free(&made->sums);
	mem_free(made->manifest);
	mem_free(made->dir);
}

/* --- verdicts ------------------------------------------------------------------------
 */

static void
on_verdict(void *owner, const struct evidence_verdict *verdict)
{
	buf_append_format(owner, "%s%s ", verdict->claim,
	    !verdict->holds          ? "-"
		: verdict->witnessed ? "?"
				     : "+");
}

/* "sums+ log+ split-view-", with "all" in front where it holds. */
static void
says(struct made *made, const char *want)
{
	struct buf said, all;
	struct err err = {0};
	bool holds;

	put_text(made, EVIDENCE_SUMS, buf_text(&made->sums));
	buf_init(&said, 65536);
	buf_init(&all, 65536);
	ck_assert_msg(
	    evidence_verify(made->dir, on_verdict, &said, &holds, &err), "%s", err.text);
	buf_append_format(&all, "%s%s", holds ? "all " : "", buf_text(&said));
	ck_assert_str_eq(buf_text(&all), want);
	buf_free(&all);
	buf_free(&said);
}

static const struct {
	const char *what, *claims, *want;
} CLAIMS[] = {
    {"a signed head", "[{\"claim\":\"head-signed\",\"head\":\"head\"}]",
	"all sums+ log+ head-signed+ "},
    {"no claim proves nothing", "[]", "sums+ log+ "},
    {"claims that are no list", "{\"claim\":\"head-signed\"}", "sums+ log+ "},
    {"a claim that nobody knows", "[{\"claim\":\"guilty\"}]", "sums+ log+ ?- "},
    {"a claim without a name", "[{}]", "sums+ log+ ?- "},
    {"a claim that is no object", "[7]", "sums+ log+ ?- "},
    {"one of two", "[{\"claim\":\"head-signed\",\"head\":\"head\"},{\"claim\":\"x\"}]",
	"sums+ log+ head-signed+ ?- "},
    {"a file that is not there", "[{\"claim\":\"head-signed\",\"head\":\"none\"}]",
	"sums+ log+ head-signed- "},
    {"a file outside", "[{\"claim\":\"head-signed\",\"head\":\"../head\"}]",
	"sums+ log+ head-signed- "},
    {"a good head is not badly signed",
	"[{\"claim\":\"bad-signature\",\"head\":\"head\"}]",
	"sums+ log+ bad-signature- "},
    {"one head is no split view",
	"[{\"claim\":\"split-view\",\"heads\":[\"head\",\"head\"]}]",
	"sums+ log+ split-view- "},
    {"half a pair", "[{\"claim\":\"split-view\",\"heads\":[\"head\"]}]",
	"sums+ log+ split-view- "},
    {"nor an equivocation",
	"[{\"claim\":\"equivocation\",\"heads\":[\"head\",\"head\"]}]",
	"sums+ log+ equivocation- "},
    {"nor a time that went back",
	"[{\"claim\":\"time-back\",\"heads\":[\"head\",\"head\"]}]",
	"sums+ log+ time-back- "},
    {"nor a tree that shrank", "[{\"claim\":\"shrank\",\"heads\":[\"head\",\"head\"]}]",
	"sums+ log+ shrank- "},
    {"the empty tree's root is its own", "[{\"claim\":\"empty-root\",\"head\":\"head\"}]",
	"sums+ log+ empty-root- "},
    {"a head seen before it was signed",
	"[{\"claim\":\"future\",\"head\":\"head\",\"seen_ms\":-1}]",
	"sums+ log+ future? "},
    {"and one seen after",
	"[{\"claim\":\"future\",\"head\":\"head\",\"seen_ms\":9000000000000000}]",
	"sums+ log+ future- "},
    {"a time that is text",
	"[{\"claim\":\"future\",\"head\":\"head\",\"seen_ms\":\"0\"}]",
	"sums+ log+ future- "},
    {"a proof that is none",
	"[{\"claim\":\"inconsistent\",\"heads\":[\"head\",\"head\"],\"proof\":\"head\"}]",
	"sums+ log+ inconsistent- "},
    {"a leaf that is none",
	"[{\"claim\":\"certificate\",\"leaf\":\"head\",\"certificate\":\"head\"}]",
	"sums+ log+ certificate- "},
    {"an SCT that is none",
	"[{\"claim\":\"promised\",\"leaf\":\"head\",\"sct\":\"head\"}]",
	"sums+ log+ promised- "},
    {"an issuer that is the right one",
	"[{\"claim\":\"wrong-issuer\",\"served\":\"empty\",\"fingerprint\":"
	"\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}]",
	"sums+ log+ wrong-issuer- "},
    {"a tile with entries that never end",
	"[{\"claim\":\"tile-prefix\",\"full\":\"head\",\"partial\":\"empty\",\"first\":0,"
	"\"start\":9000000}]",
	"sums+ log+ tile-prefix- "},
};

START_TEST(claims)
{
	struct made made;
	const char *want = CLAIMS[_i].want;

	make(&made, "evidence-claims", CLAIMS[_i].claims);
	put_head(&made, "head");
	put_text(&made, "empty", "");
	/* A testlog's first head is signed for 1970. */
	if (strstr(want, "future?") != NULL)
		want = "all sums+ log+ future? ";
	says(&made, want);
	unmake(&made);
}
END_TEST

/* --- the sums, the key ----------------------------------------------------------------
 */

#define SIGNED "[{\"claim\":\"head-signed\",\"head\":\"head\"}]"

START_TEST(what_is_in_no_sum_proves_nothing)
{
	struct made made;

	make(&made, "evidence-sums", SIGNED);
	put_text(&made, EVIDENCE_SUMS, "");
	buf_clear(&made.sums);
	put_head(&made, "head");
	says(&made, "sums- log- ");
	unmake(&made);
	make(&made, "evidence-sums", SIGNED);
	put_head(&made, "head");
	buf_append_text(&made.sums, "no checksum\n");
	says(&made, "sums- log+ head-signed+ ");
	unmake(&made);
}
END_TEST

START_TEST(another_logs_key_signs_nothing)
{
	struct testlog_options other = {
	    .name = "other", .origin = "log.example/other", .seed = "other"};
	struct made made;
	struct testlog *log;
	struct err err;

	make(&made, "evidence-key", SIGNED);
	log = testlog_new(&other, &err);
	buf_clear(&made.sums);
	put(&made, KEY_NAME, testlog_key(log));
	put_text(&made, EVIDENCE_MANIFEST, made.manifest);
	put_head(&made, "head");
	says(&made, "sums+ log- ");
	testlog_free(log);
	unmake(&made);
}
END_TEST

/* --- what is no such folder
 * -------------------------------------------------------------- */

static void
refused(const char *dir, const char *why)
{
	struct buf said;
	struct err err = {0};
	bool holds;

	buf_init(&said, 65536);
	ck_assert(!evidence_verify(dir, on_verdict, &said, &holds, &err));
	ck_assert(!holds);
	ck_assert_msg(strstr(err.text, why) != NULL, "%s", err.text);
	buf_free(&said);
}

START_TEST(what_is_no_evidence_folder)
{
	struct made made;
	char *path;

	refused("/nonexistent", "No such file");
	make(&made, "evidence-odd", SIGNED);
	path = mem_format("%s/link", made.dir);
	ck_assert_int_eq(symlink("/etc/passwd", path), 0);
	refused(made.dir, "no readable file");
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkfifo(path, 0600), 0); /* is not waited for */
	refused(made.dir, "no readable file");
	ck_assert_int_eq(unlink(path), 0);
	mem_free(path);
	path = mem_format("%s/a name", made.dir);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	refused(made.dir, "a file that no evidence folder has");
	ck_assert_int_eq(rmdir(path), 0);
	mem_free(path);
	put_text(&made, EVIDENCE_MANIFEST, "[1]");
	refused(made.dir, "no JSON object");
	path = mem_format("%s/%s", made.dir, EVIDENCE_MANIFEST);
	ck_assert_int_eq(unlink(path), 0);
	refused(made.dir, "no manifest.json");
	mem_free(path);
	for (int i = 0; i < 300; i++) {
		char name[32];

		snprintf(name, sizeof(name), "file-%d", i);
		put_text(&made, name, "");
	}
	refused(made.dir, "more than 256 files");
	unmake(&made);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("verify");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, claims, 0, (int)UNIT_COUNT(CLAIMS));
	tcase_add_test(tc, what_is_in_no_sum_proves_nothing);
	tcase_add_test(tc, another_logs_key_signs_nothing);
	tcase_add_test(tc, what_is_no_evidence_folder);
	return unit_run("evidence/verify", tc);
}
