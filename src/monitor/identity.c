#include "monitor/identity.h"

#include "monitor/accuse.h"
#include "wire/about_json.h"

static void
accuse_identity(
    struct follower *follower, const struct about_json *about, struct bytes body)
{
	struct accusation a;
	struct json *json;

	if (!follower_is_news(follower, CONDITION_OTHER_IDENTITY))
		return;
	accuse_begin(&a, follower);
	if (about->has_log_id)
		json_put_hex(&a.evidence, "its_log_id", sha256_bytes(&about->log_id));
	if (about->has_key)
		json_put_hex(&a.evidence, "its_key", sha256_bytes(&about->key_hash));
	accuse_file(&a, "log.v3.json", body);
	json = accuse_claim(&a, "other-identity");
	json_put_text(json, "served", "log.v3.json");
	accuse_claim_end(&a);
	follower_accuse(follower, CONDITION_OTHER_IDENTITY, NULL, &a);
}

static void
on_about(void *owner, struct bytes body, const struct err *err)
{
	struct follower *follower = owner;
	struct about_json about;
	struct err bad;

	follower->about_call = NULL;
	if (err != NULL || !about_json_parse(body, &about, &bad))
		return;
	if (about_json_is_of(&about, &follower->log->id))
		follower_condition(follower, CONDITION_OTHER_IDENTITY, false, NULL);
	else
		accuse_identity(follower, &about, body);
}

void
identity_ask(struct follower *follower)
{
	if (follower->about_call == NULL)
		follower->about_call =
		    logclient_get_about(follower->client, on_about, follower);
}

void
identity_cancel(struct follower *follower)
{
	logclient_cancel(follower->about_call);
	follower->about_call = NULL;
}
