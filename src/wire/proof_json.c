#include "wire/proof_json.h"

#include "wire_priv.h"

/* wire-formats 1.2: an empty path may be [], null, or not there at all. */
static bool
read_path(const json_t *json, const char *key, struct proof_json *out, struct err *err)
{
	const json_t *array = json_object_get(json, key);
	size_t count = json_array_size(array);

	if (array != NULL && !json_is_null(array) && !json_is_array(array))
		return err_set(err, ERR_PARSE, "%s is no array", key);
	if (count > PROOF_PATH_MAX)
		return err_set(err, ERR_LIMIT, "%s has %zu hashes", key, count);
	for (size_t i = 0; i < count; i++)
		if (!wire_json_hash(json_array_get(array, i), &out->path[i]))
			return err_set(err, ERR_PARSE,
			    "%s: hash %zu is no 32 bytes of base64", key, i);
	out->path_len = count;
	return true;
}

bool
proof_json_consistency(struct bytes body, struct proof_json *out, struct err *err)
{
	json_t *json = wire_json_object(body, "get-sth-consistency", err);
	bool ok;

	if (json == NULL)
		return false;
	out->leaf_index = 0;
	ok = read_path(json, "consistency", out, err) ||
	    err_wrap(err, "get-sth-consistency");
	json_decref(json);
	return ok;
}

bool
proof_json_by_hash(struct bytes body, struct proof_json *out, struct err *err)
{
	json_t *json = wire_json_object(body, "get-proof-by-hash", err);
	bool ok;

	if (json == NULL)
		return false;
	ok = (wire_json_number(json, "leaf_index", &out->leaf_index, err) &&
		 read_path(json, "audit_path", out, err)) ||
	    err_wrap(err, "get-proof-by-hash");
	json_decref(json);
	return ok;
}

static bool
read_entry(const json_t *json, struct arena *arena, struct entry_and_proof_json *out,
    struct err *err)
{
	const json_t *extra = json_object_get(json, "extra_data");

	out->proof.leaf_index = 0;
	out->extra_data = bytes_of(NULL, 0);
	if (!wire_json_base64_arena(
		json_object_get(json, "leaf_input"), arena, &out->leaf_input))
		return err_set(err, ERR_PARSE, "leaf_input is no base64");
	if (extra != NULL && !json_is_null(extra) &&
	    !wire_json_base64_arena(extra, arena, &out->extra_data))
		return err_set(err, ERR_PARSE, "extra_data is no base64");
	return read_path(json, "audit_path", &out->proof, err);
}

bool
proof_json_entry(struct bytes body, struct arena *arena, struct entry_and_proof_json *out,
    struct err *err)
{
	json_t *json = wire_json_object(body, "get-entry-and-proof", err);
	bool ok;

	if (json == NULL)
		return false;
	ok = read_entry(json, arena, out, err) || err_wrap(err, "get-entry-and-proof");
	json_decref(json);
	return ok;
}

bool
proof_json_roots(
    struct bytes body, struct arena *arena, struct roots_json *out, struct err *err)
{
	json_t *json = wire_json_object(body, "get-roots", err), *array, *row;
	bool ok = false;
	size_t i;

	if (json == NULL)
		return false;
	array = json_object_get(json, "certificates");
	*out = (struct roots_json){0};
	if (!json_is_array(array)) {
		err_set(err, ERR_PARSE, "get-roots: certificates is no array");
		goto out;
	}
	out->certificates =
	    arena_alloc(arena, (json_array_size(array) + 1) * sizeof(struct bytes));
	json_array_foreach (array, i, row)
		if (wire_json_base64_arena(row, arena, &out->certificates[out->count]))
			out->count++;
		else
			out->damaged++;
	ok = true;
out:
	json_decref(json);
	return ok;
}
