/*
 * Counts and rates over periods. A CA's keys are those of its block and of what
 * its family grew by.
 */
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/bundle.h"
#include "cli/cli_priv.h"
#include "conf/conf.h"
#include "crypto/digest.h"
#include "report/report.h"
#include "store/store.h"
#include "store/watch.h"

struct keys {
	uint8_t (*rows)[32];
	size_t count, room;
	const char *ca;
	uint32_t watch; /* number; 0: not known yet */
};

static uint8_t *
next_key(struct keys *keys)
{
	if (keys->count == keys->room) {
		keys->room = keys->room == 0 ? 16 : 2 * keys->room;
		keys->rows = mem_resize(keys->rows, keys->room, sizeof(*keys->rows));
	}
	return keys->rows[keys->count++];
}

static void
add_file(struct keys *keys, const char *file)
{
	struct bundle bundle;

	bundle_init(&bundle);
	bundle_add(&bundle, file);
	for (size_t i = 0; i < bundle.count; i++) {
		struct sha256 hash;
		struct cert cert;

		if (bundle.certs[i]->error != NULL ||
		    !cert_parse(bundle.certs[i]->der, &cert) || cert.spki.len == 0)
			continue;
		sha256_of(cert.spki, &hash);
		memcpy(next_key(keys), hash.octets, 32);
	}
	bundle_free(&bundle);
}

static bool
add_block(struct keys *keys, const struct conf *conf)
{
	for (size_t i = 0; i < conf->ca_count; i++) {
		const struct conf_ca *block = &conf->cas[i];

		if (strcmp(block->name, keys->ca) != 0)
			continue;
		for (size_t j = 0; j < block->spki.count; j++)
			if (!hex_parse(block->spki.items[j], next_key(keys), 32))
				keys->count--;
		for (size_t j = 0; j < block->certificates.count; j++)
			add_file(keys, block->certificates.items[j]);
		return true;
	}
	cli_fail(CLI_USAGE,
	    "--ca: the configuration has no ca block \"%.100s\"; ctwarden ca lists them",
	    keys->ca);
	return false;
}

static bool
on_watch(void *owner, const struct watch_row *row)
{
	struct keys *keys = owner;

	if (bytes_equal(row->kind, bytes_text("ca")) &&
	    bytes_equal(row->text, bytes_text(keys->ca)))
		keys->watch = row->number;
	return true;
}

static bool
on_family(void *owner, const struct family_row *row)
{
	if (row->spki_sha256.len == 32)
		memcpy(next_key(owner), row->spki_sha256.data, 32);
	return true;
}

static bool
add_family(struct keys *keys, struct store *store, struct err *err)
{
	return store_watch_each(store, false, on_watch, keys, err) &&
	    (keys->watch == 0 ||
		store_family_each(store, keys->watch, on_family, keys, err));
}

/* Every other CA's, for --peers. */
struct peers {
	struct report_peer *rows;
	struct keys *keys; /* of each */
	size_t count;
};

static bool
peers_read(struct peers *peers, const struct conf *conf, const char *asked)
{
	peers->rows = mem_zero(conf->ca_count + 1, sizeof(*peers->rows));
	peers->keys = mem_zero(conf->ca_count + 1, sizeof(*peers->keys));
	for (size_t i = 0; i < conf->ca_count; i++) {
		if (asked != NULL && strcmp(conf->cas[i].name, asked) == 0)
			continue;
		peers->keys[peers->count].ca = conf->cas[i].name;
		if (!add_block(&peers->keys[peers->count++], conf))
			return false;
	}
	return true;
}

static bool
peers_grow(struct peers *peers, struct store *store, struct err *err)
{
	for (size_t i = 0; i < peers->count; i++) {
		struct keys *keys = &peers->keys[i];

		if (!add_family(keys, store, err))
			return false;
		peers->rows[i] = (struct report_peer){
		    keys->ca, (const uint8_t(*)[32])keys->rows, keys->count};
	}
	return true;
}

static void
peers_free(struct peers *peers)
{
	for (size_t i = 0; i < peers->count; i++)
		mem_free(peers->keys[i].rows);
	mem_free(peers->keys);
	mem_free(peers->rows);
}

static enum cli_exit
answer(struct cli *cli, const struct conf *conf, struct report_rates *asked,
    struct keys *keys, struct peers *peers)
{
	struct clock *clock = clock_new(NULL);
	struct report *report =
	    report_new(cli->json, clock_now_ms(clock), cli_write, NULL);
	struct err err = {0};
	struct store *store = store_open(
	    &(struct store_options){.path = conf->database, .read_only = true}, &err);
	uint64_t found = 0;
	bool ok = store != NULL && (keys->ca == NULL || add_family(keys, store, &err));

	asked->keys = (const uint8_t(*)[32])keys->rows;
	asked->key_count = keys->count;
	ok = ok && peers_grow(peers, store, &err);
	asked->peers = peers->rows;
	asked->peer_count = peers->count;
	ok = ok && report_rates(report, store, asked, &found, &err);
	report_free(report);
	store_close(store);
	clock_free(clock);
	if (!ok)
		return cli_fail(CLI_TROUBLE, "%s", err.text);
	return found > 0 ? CLI_FOUND : CLI_NOTHING;
}

/* --- the command -----------------------------------------------------------------------
 */

static bool
one_of(const char *flag, const char *text, const char *const *words, size_t count,
    size_t *out)
{
	for (*out = 0; *out < count; (*out)++)
		if (strcmp(words[*out], text) == 0)
			return true;
	cli_fail(CLI_USAGE, "%s: \"%.40s\" is none of those in ctwarden(1)", flag, text);
	return false;
}

static bool
take_words(
    struct report_rates *asked, const char *by, const char *basis, const char *split)
{
	static const char *const BYS[] = {[REPORT_BY_PERIOD] = "period",
	    [REPORT_BY_HOUR] = "hour",
	    [REPORT_BY_DAY] = "day",
	    [REPORT_BY_MONTH] = "month",
	    [REPORT_BY_YEAR] = "year"};
	static const char *const BASES[] = {"nb", "seen"};
	static const char *const SPLITS[] = {
	    "sigalg", "key", "policy", "validity", "names", "country"};
	size_t nth;

	if (!one_of("--by", by, BYS, ARRAY_LEN(BYS), &nth))
		return false;
	asked->by = (enum report_by)nth;
	if (!one_of("--basis", basis, BASES, ARRAY_LEN(BASES), &nth))
		return false;
	asked->seen = nth == 1;
	if (asked->by == REPORT_BY_HOUR && !asked->seen)
		return cli_fail(CLI_USAGE, "--by hour: only with --basis seen") ==
		    CLI_FOUND;
	if (split == NULL)
		return true;
	asked->split = split;
	return one_of("--split", split, SPLITS, ARRAY_LEN(SPLITS), &nth);
}

enum cli_exit
cli_rates(struct cli *cli)
{
	struct report_rates asked = {.from_ms = REPORT_NO_TIME, .to_ms = REPORT_NO_TIME};
	const char *from = NULL, *to = NULL, *by = "period", *basis = "nb", *split = NULL;
	const struct cli_flag flags[] = {{"--ca", .value = &asked.ca},
	    {"--issuer", .value = &asked.issuer}, {"--from", .value = &from},
	    {"--to", .value = &to}, {"--by", .value = &by}, {"--basis", .value = &basis},
	    {"--split", .value = &split}, {"--checks", .value = &asked.checks},
	    {"--peers", .set = &asked.with_peers}};
	enum cli_exit status = CLI_USAGE;
	struct keys keys = {0};
	struct peers peers = {0};
	struct conf conf;
	struct err err = {0};

	if (!cli_flags(cli, flags, ARRAY_LEN(flags)) ||
	    !cli_date("--from", from, &asked.from_ms) ||
	    !cli_date("--to", to, &asked.to_ms) || !take_words(&asked, by, basis, split))
		return CLI_USAGE;
	if (cli->count != 0)
		return cli_usage(cli);
	if (!conf_load(cli->config, &conf, &err))
		return cli_fail(CLI_TROUBLE, "%s", err.text);
	keys.ca = asked.ca;
	if ((asked.ca == NULL || add_block(&keys, &conf)) &&
	    (!asked.with_peers || peers_read(&peers, &conf, asked.ca)))
		status = answer(cli, &conf, &asked, &keys, &peers);
	peers_free(&peers);
	mem_free(keys.rows);
	conf_free(&conf);
	return status;
}
