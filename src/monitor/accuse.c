#include "monitor/accuse.h"

#include "evidence/write.h"
#include "monitor/monitor_priv.h"

#define FILE_MAX     ((size_t)4 << 20)
#define EVIDENCE_MAX ((size_t)1 << 20)

void
accuse_begin(struct accusation *a, const struct follower *follower)
{
	a->count = 0;
	arena_init(&a->arena);
	buf_init(&a->text, EVIDENCE_MAX);
	buf_init(&a->claims, 65536);
	json_init(&a->evidence, &a->text);
	json_init(&a->claim, &a->claims);
	json_begin_object(&a->evidence, NULL);
	json_put_text(&a->evidence, "log", follower->log->name);
	json_put_hex(&a->evidence, "log_id", sha256_bytes(&follower->log->id));
	json_put_text(&a->evidence, "url", follower->log->url);
	json_begin_array(&a->claim, NULL);
}

void
accuse_file(struct accusation *a, const char *name, struct bytes body)
{
	if (body.len > FILE_MAX || a->count == ACCUSATION_FILES)
		return;
	a->exhibits[a->count++] =
	    (struct monitor_exhibit){name, arena_copy(&a->arena, body)};
}

void
accuse_head(struct accusation *a, const char *name, const struct sth *head)
{
	accuse_file(a, name, bytes_of(head->raw, head->raw_len));
}

/* --- proofs --------------------------------------------------------------------------
 */

static void
put_proof(struct accusation *a, const char *name, const char *first, const char *second,
    const struct accuse_path *path, const struct sha256 *shown)
{
	struct buf text;
	struct json json;

	buf_init(&text, 65536);
	json_init(&json, &text);
	json_begin_object(&json, NULL);
	json_put_number(&json, first, (int64_t)path->first);
	json_put_number(&json, second, (int64_t)path->second);
	if (shown != NULL)
		json_put_hex(&json, "root_at_first", sha256_bytes(shown));
	json_begin_array(&json, "path");
	for (size_t i = 0; i < path->len; i++)
		json_put_hex(&json, NULL, sha256_bytes(&path->path[i]));
	json_end_array(&json);
	json_end_object(&json);
	accuse_file(a, name, buf_bytes(&text));
	buf_free(&text);
}

void
accuse_consistency(struct accusation *a, const char *name, const struct accuse_path *path,
    const struct sha256 *root_at_first)
{
	put_proof(a, name, "first", "second", path, root_at_first);
}

void
accuse_inclusion(struct accusation *a, const char *name, const struct accuse_path *path)
{
	put_proof(a, name, "index", "tree_size", path, NULL);
}

/* --- claims --------------------------------------------------------------------------
 */

struct json *
accuse_claim(struct accusation *a, const char *claim)
{
	json_begin_object(&a->claim, NULL);
	json_put_text(&a->claim, "claim", claim);
	return &a->claim;
}

void
accuse_claim_end(struct accusation *a)
{
	json_end_object(&a->claim);
}

void
accuse_two_heads(
    struct accusation *a, const char *claim, const char *first, const char *second)
{
	struct json *json = accuse_claim(a, claim);

	json_begin_array(json, "heads");
	json_put_text(json, NULL, first);
	json_put_text(json, NULL, second);
	json_end_array(json);
	accuse_claim_end(a);
}

const char *
accuse_evidence(struct accusation *a)
{
	json_end_object(&a->evidence);
	json_end_array(&a->claim);
	a->exhibits[a->count++] =
	    (struct monitor_exhibit){EVIDENCE_CLAIMS, buf_bytes(&a->claims)};
	return buf_text(&a->text);
}

void
accuse_free(struct accusation *a)
{
	buf_free(&a->text);
	buf_free(&a->claims);
	arena_free(&a->arena);
}
