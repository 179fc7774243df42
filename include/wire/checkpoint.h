/*
 * checkpoint - a tree head as a signed note (C2SP signed-note, tlog-checkpoint,
 * static-ct-api; wire-formats 3.2 to 3.4).
 *
 * Views of the caller's bytes. Signature lines come in any number and order,
 * among grease and lines of other kinds; only a key tells which is whose, so
 * a line is found by name and key id and everything else is passed over.
 */
#pragma once
#include "base/buf.h"
#include "base/cursor.h"
#include "crypto/verify.h"
#include "wire/signed.h"

/* A note larger than this is refused: room for 16 ML-DSA-44 lines. */
enum { NOTE_MAX = 64 * 1024, NOTE_LINES_MAX = 256 };

struct note {
	struct bytes text;       /* what is signed: up to and with its last LF */
	struct bytes signatures; /* the lines behind the blank one */
};

struct note_line {
	struct bytes name;
	struct bytes base64; /* undecoded, the key id included */
	bool has_key_id;     /* false: not base64, or less than 4 bytes: grease */
	uint8_t key_id[4];
};

/* ERR_PARSE: no UTF-8, control characters, no blank line, a line behind it that
 * is no signature line, none at all. ERR_LIMIT: larger than NOTE_MAX. */
MUST_CHECK bool note_parse(struct bytes data, struct note *out, struct err *);

/* Walks the lines: start with cursor_of(note.signatures). */
bool note_line_next(struct cursor *, struct note_line *out);

/* The signature behind the key id into out, which is cleared first; false when
 * it is no base64 or passes out's ceiling. */
MUST_CHECK bool note_line_signature(const struct note_line *, struct buf *out);

enum note_type {
	NOTE_ED25519 = 0x01,
	NOTE_ECDSA = 0x02,       /* key id over the SPKI alone */
	NOTE_COSIGNATURE = 0x04, /* Ed25519 with a time: witnesses */
	NOTE_RFC6962 = 0x05,     /* a log's TreeHeadSignature */
	NOTE_ML_DSA_44 = 0x06,   /* recognised, not verified */
};

/* SHA-256(name LF type key)[:4]. key: the 32 bytes of an Ed25519 key, the log
 * id for NOTE_RFC6962; for NOTE_ECDSA the SPKI, and neither name nor type
 * enter. */
void note_key_id(struct bytes name, enum note_type, struct bytes key, uint8_t out[4]);

/* A verifier key as text: "name+hex8+base64(type key)" (signed-note), of type
 * 0x01 or 0x04. name is a view of it; key is copied. ERR_PARSE for any other
 * text or type, and unless the key id is right. */
struct note_key {
	struct bytes name;
	enum note_type type;
	uint8_t key_id[4];
	uint8_t key[32];
};
MUST_CHECK bool note_key_parse(const char *vkey, struct note_key *out, struct err *);

/*
 * Verifies the lines of an Ed25519 (0x01) or cosignature (0x04) key. KEY_GOOD
 * when one verifies, and then *time_s is the cosignature's time (0 for 0x01);
 * KEY_BAD when lines have the name and id but none verifies; KEY_UNSUPPORTED
 * when no line is this key's, or the key is of another type.
 */
MUST_CHECK enum key_verdict note_verify(
    const struct note *, const struct note_key *, uint64_t *time_s);

struct checkpoint {
	struct note note;
	struct bytes origin;
	uint64_t tree_size;
	struct sha256 root;
	struct bytes extensions; /* lines after the third, with their LFs; mostly none */
};

/* The note and its first three lines: size without sign or leading zeros,
 * root 32 bytes of base64. */
MUST_CHECK bool checkpoint_parse(struct bytes data, struct checkpoint *out, struct err *);

/* static-ct-api: the RFC6962NoteSignature of one line. */
struct checkpoint_signature {
	uint64_t timestamp_ms;
	size_t len;
	uint8_t data[SIGNED_MAX]; /* DigitallySigned as served */
};

/*
 * Walks the lines that bear origin and the key id of log_id: start with
 * cursor_of(checkpoint.note.signatures), end at ERR_NOT_FOUND. ERR_PARSE: such
 * a line does not decode (a random key id may collide); the walk may go on.
 */
MUST_CHECK bool checkpoint_next_signature(struct cursor *, struct bytes origin,
    const struct sha256 *log_id, struct checkpoint_signature *out, struct err *);

/* The origin a static log must use: its submission URL without scheme and
 * trailing slashes. A view of url. */
struct bytes checkpoint_origin(const char *url);
