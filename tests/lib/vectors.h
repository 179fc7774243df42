/*
 * vectors - known answers: JSON files below ../shared/data, and hashes as hex.
 */
#pragma once
#include <jansson.h>

#include "crypto/digest.h"
#include "tests/lib/unit.h"

/* The file as JSON (json_decref), or NULL where the shared data is not there;
 * a file that is no JSON fails the test. */
json_t *vectors_json(const char *path);

/* The file's bytes; buf_free. False where the shared data is not there. */
bool vectors_file(const char *path, struct buf *out);

/* A file of a folder that is there; a missing file fails the test. */
struct buf vectors_in(const char *folder, const char *name);

/* The first certificate of such a file, PEM or DER, as DER. */
struct buf vectors_certificate(const char *folder, const char *name);

/* What base64 text of a JSON string, or of a whole file, stands for. */
struct buf vectors_base64(const char *text);

/* A SHA-256 value from hex, or from base64 (44 characters). */
struct sha256 vectors_hash(const char *text);

/* An array of such; returns how many, at most max. */
size_t vectors_hashes(const json_t *array, struct sha256 *out, size_t max);

/* Members that have to be there. */
const char *vectors_text(const json_t *object, const char *key);
uint64_t vectors_number(const json_t *object, const char *key);
