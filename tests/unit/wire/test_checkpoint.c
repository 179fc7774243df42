#include "wire/checkpoint.h"

#include "tests/lib/vectors.h"

/* A head signed by keys made for this test: P-256 for the log, Ed25519 for
 * the log's plain line and for the witness. */
#define DASH   "\xe2\x80\x94 "
#define ORIGIN "log.example.org/2026h2"
#define ROOT   "RbdxxxsOKTMWTlvW285UAG0X8UrUHZi81ya97ZWfnJQ="
#define TEXT   ORIGIN "\n5\n" ROOT "\n"
#define LOG_ID "Ltb6c6oIOVI94L6zxR7NllNyGQpEDr66AbEVB7txc6w="
#define RFC6962                                                                          \
	DASH ORIGIN " ZHWipAAAAaDEUGwABAMARzBFAiEArqPdKdv4RGr68SjX2JmaTHYk5OUH1BImGY2s"  \
		    "NWSvyv4CIFXKEPnpGW9n8JC0u2CEL/rR8knfPyjRWEh/xuGnwwZL\n"
#define PLAIN                                                                            \
	DASH ORIGIN " catLo2gXs+5qXMvAZn0Shu2nguql7G8RjtbP7d4NUjSpNWCvpiQtVDhy9+Je4MPi"  \
		    "/wJ6PuFKdfxLB7LO/QWfx0MXlQY=\n"
#define PLAIN_KEY ORIGIN "+71ab4ba3+AZTQ4KpAIXZm5+nxcP9wO8v1qu6znRDAnQcE/Z7hfLMZ"
#define WITNESS                                                                          \
	DASH "witness.example.org ASof2QAAAABqsTuBV6jZM95IksAnxzfPmKnLtJXikvFqJiLqdXGz"  \
	     "MeV2yO0IaRd2AxK2kQ7e7ens4/GV8UtTKUwpYuKGRWeZvnpvDw==\n"
#define WITNESS_KEY                                                                      \
	"witness.example.org+012a1fd9+BJTQ4KpAIXZm5+nxcP9wO8v1qu6znRDAnQcE/Z7hfLMZ"
#define GREASE       DASH "grease.invalid iXfFsedWoKeT2POWxvKXz6WTQvs=\n"
#define GREASE_SHORT DASH ORIGIN " iWkp\n"
#define GREASE_ODD   DASH ORIGIN " not%base64\n"

static const struct {
	const char *what, *text;
	enum err_code code;
} CHECKPOINTS[] = {
    {"one signature", TEXT "\n" RFC6962, ERR_NONE},
    {"among grease", TEXT "\n" GREASE GREASE_SHORT RFC6962 PLAIN GREASE_ODD WITNESS,
	ERR_NONE},
    {"the same line twice", TEXT "\n" RFC6962 RFC6962, ERR_NONE},
    {"extension lines", TEXT "more\n\n" RFC6962, ERR_NONE},
    {"a blank line in the text", TEXT "\nmore\n\n" RFC6962, ERR_NONE},
    {"size 0", ORIGIN "\n0\n" ROOT "\n\n" RFC6962, ERR_NONE},
    {"the largest size", ORIGIN "\n9223372036854775807\n" ROOT "\n\n" RFC6962, ERR_NONE},
    {"a size beyond", ORIGIN "\n9223372036854775808\n" ROOT "\n\n" RFC6962, ERR_PARSE},
    {"twenty digits", ORIGIN "\n18446744073709551617\n" ROOT "\n\n" RFC6962, ERR_PARSE},
    {"a leading zero", ORIGIN "\n05\n" ROOT "\n\n" RFC6962, ERR_PARSE},
    {"a sign", ORIGIN "\n+5\n" ROOT "\n\n" RFC6962, ERR_PARSE},
    {"no size", ORIGIN "\n\n" ROOT "\n\n" RFC6962, ERR_PARSE},
    {"a short root", ORIGIN "\n5\nAAAA\n\n" RFC6962, ERR_PARSE},
    {"no root", ORIGIN "\n5\n\n" RFC6962, ERR_PARSE},
    {"no origin", "\n5\n" ROOT "\n\n" RFC6962, ERR_PARSE},
    {"no signature", TEXT "\n", ERR_PARSE},
    {"no blank line", TEXT RFC6962, ERR_PARSE},
    {"no newline at the end", TEXT "\n" DASH "a b", ERR_PARSE},
    {"a hyphen for the dash", TEXT "\n- " ORIGIN " AAAAAAAA\n", ERR_PARSE},
    {"a line that is none", TEXT "\n" RFC6962 "hello\n", ERR_PARSE},
    {"a plus in the name", TEXT "\n" DASH "a+b AAAAAAAA\n", ERR_PARSE},
    {"no name", TEXT "\n" DASH " AAAAAAAA\n", ERR_PARSE},
    {"nothing behind the name", TEXT "\n" DASH "name\n", ERR_PARSE},
    {"a carriage return", ORIGIN "\r\n5\n" ROOT "\n\n" RFC6962, ERR_PARSE},
    {"broken UTF-8", "\xff\n5\n" ROOT "\n\n" RFC6962, ERR_PARSE},
    {"nothing", "", ERR_PARSE},
    {"a web page", "<html><body>502 Bad Gateway</body></html>\n", ERR_PARSE},
};

START_TEST(checkpoint_rows)
{
	struct checkpoint checkpoint;
	struct err err = {0};
	bool ok = checkpoint_parse(bytes_text(CHECKPOINTS[_i].text), &checkpoint, &err);

	ck_assert_msg(
	    err.code == CHECKPOINTS[_i].code, "%s: %s", CHECKPOINTS[_i].what, err.text);
	ck_assert(ok == (CHECKPOINTS[_i].code == ERR_NONE));
}
END_TEST

START_TEST(fields)
{
	struct checkpoint checkpoint;
	struct sha256 root = vectors_hash(ROOT);
	struct err err = {0};

	ck_assert(
	    checkpoint_parse(bytes_text(TEXT "more\n\n" RFC6962), &checkpoint, &err));
	ck_assert(bytes_equal(checkpoint.origin, bytes_text(ORIGIN)));
	ck_assert_uint_eq(checkpoint.tree_size, 5);
	ck_assert(sha256_equal(&checkpoint.root, &root));
	ck_assert(bytes_equal(checkpoint.extensions, bytes_text("more\n")));
	ck_assert(bytes_equal(checkpoint.note.text, bytes_text(TEXT "more\n")));
}
END_TEST

START_TEST(a_note_has_limits)
{
	struct buf text;
	struct note note;
	struct err err = {0};

	buf_init(&text, 2 * NOTE_MAX);
	buf_append_text(&text, TEXT "\n");
	for (int i = 0; i < NOTE_LINES_MAX; i++)
		buf_append_text(&text, DASH "a AAAAAAAA\n");
	ck_assert(note_parse(buf_bytes(&text), &note, &err));
	buf_append_text(&text, DASH "a AAAAAAAA\n");
	ck_assert(!note_parse(buf_bytes(&text), &note, &err));
	ck_assert_int_eq(err.code, ERR_LIMIT);
	memset(buf_extend(&text, NOTE_MAX), 'A', NOTE_MAX);
	buf_append_text(&text, "\n");
	ck_assert(!note_parse(buf_bytes(&text), &note, &err));
	ck_assert_int_eq(err.code, ERR_LIMIT);
	buf_free(&text);
}
END_TEST

/* The log's own line, wherever it stands. */
static const struct {
	const char *what, *lines, *origin;
	size_t found;
	enum err_code last;
} LINES[] = {
    {"alone", RFC6962, ORIGIN, 1, ERR_NOT_FOUND},
    {"behind grease", GREASE_SHORT GREASE GREASE_ODD PLAIN WITNESS RFC6962, ORIGIN, 1,
	ERR_NOT_FOUND},
    {"twice", RFC6962 GREASE RFC6962, ORIGIN, 2, ERR_NOT_FOUND},
    {"of another name", RFC6962, "log.example.org/2027h1", 0, ERR_NOT_FOUND},
    {"not there", GREASE PLAIN WITNESS, ORIGIN, 0, ERR_NOT_FOUND},
    {"its id by chance", DASH ORIGIN " ZHWipAAA\n", ORIGIN, 0, ERR_PARSE},
    {"cut", DASH ORIGIN " ZHWipAAAAaDEUGwABAMARzBF\n", ORIGIN, 0, ERR_PARSE},
};

START_TEST(line_rows)
{
	struct cursor lines = cursor_of(bytes_text(LINES[_i].lines));
	struct sha256 log_id = vectors_hash(LOG_ID);
	struct checkpoint_signature signature;
	struct err err = {0};
	size_t found = 0;

	while (checkpoint_next_signature(
	    &lines, bytes_text(LINES[_i].origin), &log_id, &signature, &err)) {
		found++;
		ck_assert_uint_eq(signature.timestamp_ms, 1790000000000);
		ck_assert_uint_eq(signature.len, 75);
		ck_assert_uint_eq(signature.data[0], 4);
	}
	ck_assert_msg(found == LINES[_i].found, "%s", LINES[_i].what);
	ck_assert_msg(err.code == LINES[_i].last, "%s: %s", LINES[_i].what, err.text);
}
END_TEST

static const struct {
	const char *what, *vkey, *note;
	enum key_verdict verdict;
	uint64_t time_s;
} NOTES[] = {
    {"the C2SP's example",
	"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
	"This is an example message.\n\n" DASH "example.com/foo "
	"Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuw"
	"HjG1Yu72IneyaQM=\n",
	KEY_GOOD, 0},
    {"plain Ed25519", PLAIN_KEY, TEXT "\n" GREASE RFC6962 PLAIN, KEY_GOOD, 0},
    {"a witness", WITNESS_KEY, TEXT "\n" RFC6962 WITNESS, KEY_GOOD, 1790000001},
    {"no line of it", WITNESS_KEY, TEXT "\n" RFC6962, KEY_UNSUPPORTED, 0},
    {"over another text", PLAIN_KEY, ORIGIN "\n6\n" ROOT "\n\n" PLAIN, KEY_BAD, 0},
    {"a witness of another text", WITNESS_KEY, ORIGIN "\n6\n" ROOT "\n\n" WITNESS,
	KEY_BAD, 1790000001},
    {"a short signature", PLAIN_KEY, TEXT "\n" DASH ORIGIN " catLo2gX\n", KEY_BAD, 0},
    {"a short cosignature", WITNESS_KEY,
	TEXT "\n" DASH "witness.example.org ASof2QAAAABq\n", KEY_BAD, 0},
    {"a colliding id first", PLAIN_KEY, TEXT "\n" DASH ORIGIN " catLo2gX\n" PLAIN,
	KEY_GOOD, 0},
};

START_TEST(note_rows)
{
	struct note note;
	struct note_key key;
	struct err err = {0};
	uint64_t time_s = 0;
	enum key_verdict verdict;

	ck_assert_msg(note_key_parse(NOTES[_i].vkey, &key, &err), "%s", err.text);
	ck_assert_msg(
	    note_parse(bytes_text(NOTES[_i].note), &note, &err), "%s", err.text);
	verdict = note_verify(&note, &key, &time_s);
	ck_assert_msg(verdict == NOTES[_i].verdict, "%s: %d", NOTES[_i].what, verdict);
	ck_assert_uint_eq(time_s, NOTES[_i].time_s);
}
END_TEST

static const char *const NO_KEYS[] = {
    "",
    "name",
    "+71ab4ba3+AZTQ4KpAIXZm5+nxcP9wO8v1qu6znRDAnQcE/Z7hfLMZ",
    ORIGIN "+71ab4ba4+AZTQ4KpAIXZm5+nxcP9wO8v1qu6znRDAnQcE/Z7hfLMZ",
    ORIGIN "+71ab4bg3+AZTQ4KpAIXZm5+nxcP9wO8v1qu6znRDAnQcE/Z7hfLMZ",
    ORIGIN "+71ab4ba3+AZTQ4KpAIXZm5+nxcP9wO8v1qu6znRDAnQcE/Z7hfL",
    ORIGIN "+71ab4ba3+BZTQ4KpAIXZm5+nxcP9wO8v1qu6znRDAnQcE/Z7hfLMZ",
    ORIGIN "+71ab4ba3+",
    ORIGIN "+71ab4ba3",
};

START_TEST(no_key_rows)
{
	struct note_key key;
	struct err err = {0};

	ck_assert_msg(!note_key_parse(NO_KEYS[_i], &key, &err), "%s", NO_KEYS[_i]);
	ck_assert_int_eq(err.code, ERR_PARSE);
}
END_TEST

static const struct {
	const char *url, *origin;
} ORIGINS[] = {
    {"https://log.sycamore.ct.letsencrypt.org/2026h2/",
	"log.sycamore.ct.letsencrypt.org/2026h2"},
    {"https://gouda2026h2.log.ct.ipng.ch/", "gouda2026h2.log.ct.ipng.ch"},
    {"http://localhost:8080//", "localhost:8080"},
    {"example.org", "example.org"},
    {"", ""},
};

START_TEST(origin_rows)
{
	struct bytes origin = checkpoint_origin(ORIGINS[_i].url);

	ck_assert(bytes_equal(origin, bytes_text(ORIGINS[_i].origin)));
}
END_TEST

/* wire-formats 3.3: the key id of Halloumi 2027h1; ECDSA keys have theirs from
 * the SPKI alone. */
START_TEST(key_ids)
{
	struct buf id =
	    unit_hex("44e822fc2bab0e92eed0e9fad69664602776d01760e0890509c923a1b03fc37f");
	uint8_t key_id[4];

	note_key_id(bytes_text("halloumi2027h1.log.ct.ipng.ch"), NOTE_RFC6962,
	    buf_bytes(&id), key_id);
	ck_assert_mem_eq(key_id, "\x7e\xc2\x19\x9d", 4);
	note_key_id(bytes_text("any"), NOTE_ECDSA, bytes_text("abc"), key_id);
	ck_assert_mem_eq(key_id, "\xba\x78\x16\xbf", 4);
	buf_free(&id);
}
END_TEST

/* Production notes parse, and carry the log's line under its key id. */
START_TEST(real_checkpoints)
{
	json_t *keys = vectors_json("vectors/static-ct/checkpoints/keys.json"), *one;
	const char *name;

	if (keys == NULL)
		return;
	ck_assert_uint_eq(json_object_size(keys), 13);
	json_object_foreach (keys, name, one) {
		char *path = mem_format("vectors/static-ct/checkpoints/%s", name);
		struct checkpoint checkpoint;
		struct checkpoint_signature signature;
		struct cursor lines;
		struct sha256 id;
		struct buf file, spki;
		struct err err = {0};

		ck_assert(vectors_file(path, &file));
		ck_assert_msg(checkpoint_parse(buf_bytes(&file), &checkpoint, &err), "%s",
		    err.text);
		ck_assert(bytes_equal(
		    checkpoint.origin, bytes_text(vectors_text(one, "origin"))));
		ck_assert_uint_eq(checkpoint.tree_size, vectors_number(one, "tree_size"));
		if (json_object_get(one, "log_key_spki_b64") != NULL) {
			spki = vectors_base64(vectors_text(one, "log_key_spki_b64"));
			sha256_of(buf_bytes(&spki), &id);
			lines = cursor_of(checkpoint.note.signatures);
			ck_assert_msg(checkpoint_next_signature(&lines, checkpoint.origin,
					  &id, &signature, &err),
			    "%s: %s", name, err.text);
			if (json_object_get(one, "timestamp") != NULL)
				ck_assert_uint_eq(signature.timestamp_ms,
				    vectors_number(one, "timestamp"));
			buf_free(&spki);
		}
		buf_free(&file);
		mem_free(path);
	}
	json_decref(keys);
}
END_TEST

/* The other kinds of line, in production and elsewhere. */
static const struct {
	const char *file, *vkey;
	bool witness;
} REAL_NOTES[] = {
    {"static-ct/checkpoints/parcelyard2026h2.checkpoint",
	"witness.navigli.sunlight.geomys.org+a3e00fe2+BNy/co4C1Hn1p+INwJrfUlgz7W55dSZReus"
	"H/GhUhJ/G",
	true},
    {"static-ct/checkpoints/arche2025h1.checkpoint",
	"arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+"
	"dJ472xgFYh15f",
	false},
    {"static-ct/checkpoints/arche2025h1.checkpoint",
	"remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2", true},
    {"tlog/rome300-witness.checkpoint",
	"witness.example.org+b8a2cf20+BFLN3yikSfFkVAJtrnh/CiY3Zozkoy7clp+P7XB28qUN",
	true},
    {"tlog/rome300-mirror/checkpoint",
	"mirror.example.org+3fb148ef+BAAjjch9GyYz0sJsJx7ALhbdAtz2ov0unbzSl1vMp94O", true},
    {"tlog/signed-note-example.txt",
	"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", false},
};

static void
check_note(const char *below, const char *vkey, bool witness)
{
	char *path = mem_format("vectors/%s", below);
	struct note note;
	struct note_key key;
	struct buf file;
	struct err err = {0};
	uint64_t time_s;

	if (vectors_file(path, &file)) {
		ck_assert(note_key_parse(vkey, &key, &err));
		ck_assert_msg(note_parse(buf_bytes(&file), &note, &err), "%s", err.text);
		ck_assert_msg(note_verify(&note, &key, &time_s) == KEY_GOOD, "%s", below);
		ck_assert(witness == (time_s != 0));
		file.data[3] ^= 1;
		ck_assert(note_verify(&note, &key, &time_s) == KEY_BAD);
		buf_free(&file);
	}
	mem_free(path);
}

START_TEST(real_notes)
{
	check_note(REAL_NOTES[_i].file, REAL_NOTES[_i].vkey, REAL_NOTES[_i].witness);
}
END_TEST

/* Sixteen notes of a log that grew from 0 to 15 leaves. */
START_TEST(testdata_log)
{
	char *file = mem_format("tlog/tesseract-testdata-log/checkpoint.%d", _i);

	check_note(file,
	    "example.com/log/"
	    "testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx",
	    false);
	mem_free(file);
}
END_TEST

/* dev2024h2b's Ed25519 key comes as an SPKI. */
START_TEST(azul_plain_line)
{
	json_t *keys = vectors_json("vectors/static-ct/checkpoints/keys.json");
	struct note_key key = {.type = NOTE_ED25519};
	struct note note;
	struct buf spki, file;
	struct err err;
	uint64_t time_s;

	if (keys == NULL)
		return;
	ck_assert(
	    vectors_file("vectors/static-ct/checkpoints/dev2024h2b.checkpoint", &file));
	spki = vectors_base64(vectors_text(
	    json_object_get(keys, "dev2024h2b.checkpoint"), "ed25519_vkey_spki_b64"));
	key.name = bytes_text("static-ct-dev.cloudflareresearch.com/logs/dev2024h2b");
	memcpy(key.key, spki.data + 12, 32);
	note_key_id(key.name, NOTE_ED25519, bytes_of(key.key, 32), key.key_id);
	ck_assert(note_parse(buf_bytes(&file), &note, &err));
	ck_assert_int_eq(note_verify(&note, &key, &time_s), KEY_GOOD);
	buf_free(&spki);
	buf_free(&file);
	json_decref(keys);
}
END_TEST

/* Damaged checkpoints: those that break the form; the others break the
 * signature, and are room ctlog's. */
static const struct {
	const char *name;
	bool ok;
} BAD[] = {
    {"crlf", false},
    {"empty", false},
    {"html-error-page", false},
    {"hyphen-not-emdash", false},
    {"negative-size", false},
    {"no-final-newline", false},
    {"plus-size", false},
    {"root-not-base64", false},
    {"sig-hash-alg-5", true},
    {"sig-trailing-byte", true},
    {"wrong-origin", true},
};

START_TEST(bad_checkpoints)
{
	char *path = mem_format("vectors/synthetic/static-small/bad/%s", BAD[_i].name);
	struct checkpoint checkpoint;
	struct buf file;
	struct err err;

	if (vectors_file(path, &file)) {
		ck_assert_msg(
		    checkpoint_parse(buf_bytes(&file), &checkpoint, &err) == BAD[_i].ok,
		    "%s", BAD[_i].name);
		buf_free(&file);
	}
	mem_free(path);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("checkpoint");

	tcase_add_loop_test(tc, checkpoint_rows, 0, UNIT_COUNT(CHECKPOINTS));
	tcase_add_test(tc, fields);
	tcase_add_test(tc, a_note_has_limits);
	tcase_add_loop_test(tc, line_rows, 0, UNIT_COUNT(LINES));
	tcase_add_loop_test(tc, note_rows, 0, UNIT_COUNT(NOTES));
	tcase_add_loop_test(tc, no_key_rows, 0, UNIT_COUNT(NO_KEYS));
	tcase_add_loop_test(tc, origin_rows, 0, UNIT_COUNT(ORIGINS));
	tcase_add_test(tc, key_ids);
	tcase_add_test(tc, real_checkpoints);
	tcase_add_loop_test(tc, real_notes, 0, UNIT_COUNT(REAL_NOTES));
	tcase_add_loop_test(tc, testdata_log, 0, 16);
	tcase_add_test(tc, azul_plain_line);
	tcase_add_loop_test(tc, bad_checkpoints, 0, UNIT_COUNT(BAD));
	return unit_run("wire/checkpoint", tc);
}
