/*
 * What the file says becomes what each room is told; no room but this one
 * looks at the configuration.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "check/data.h"
#include "daemon/daemon.h"
#include "daemon/file.h"
#include "daemon/wiring_priv.h"
#include "fetch/fetch.h"
#include "x509/cert.h"
#include "x509/pem.h"
#include "x509/spki.h"

#define FILE_MAX ((size_t)16 << 20)

/* --- keys and logs --- */

/* What is wrong, under which option, and what to write there instead. */
static void
explain_key(const char *base64, struct err *err)
{
	struct err why = *err;

	if (base64 != NULL)
		(void)err_set(err, ERR_CONFIG,
		    "key: %.100s; write the base64 of its SubjectPublicKeyInfo",
		    why.text);
	else
		(void)err_set(err, ERR_CONFIG,
		    "key_file: %.150s; name a file that holds its public key, PEM or DER",
		    why.text);
}

struct key *
wiring_key(const char *base64, const char *file, struct err *err)
{
	struct key *key = NULL;
	struct buf text, der;

	buf_init(&text, FILE_MAX);
	buf_init(&der, 65536);
	if (base64 != NULL) {
		if (base64_decode(bytes_text(base64), &der))
			key = key_from_spki(buf_bytes(&der), err);
		else
			(void)err_set(err, ERR_CONFIG, "no base64");
	} else if (file_load(file, &text, err)) {
		key = text.len > 0 && text.data[0] == 0x30
		    ? key_from_spki(buf_bytes(&text), err)
		    : key_from_pem(buf_bytes(&text), err);
		if (key == NULL)
			(void)err_wrap(err, "%s", file);
	}
	if (key == NULL)
		explain_key(base64, err);
	buf_free(&text);
	buf_free(&der);
	return key;
}

const struct ct_log *
wiring_log(const struct conf_log *block, struct err *err)
{
	struct key *key = wiring_key(block->key, block->key_file, err);
	struct ct_log_options options = {.name = block->name,
	    .kind = block->kind == CONF_LOG_STATIC ? CT_LOG_STATIC : CT_LOG_RFC6962,
	    .url = block->url,
	    .submission = block->submission_url,
	    .tiles = block->tiles,
	    .state = block->archived ? LOG_STATE_RETIRED : LOG_STATE_NONE,
	    .operator_name = block->operator,
	    .mmd_ms = block->mmd_s * 1000 };
	const struct ct_log *log = NULL;
	char *submission = NULL; /* an origin is one without its scheme */
	struct buf spki;

	if (block->submission_url == NULL && block->origin != NULL)
		options.submission = submission =
		    mem_format("https://%s/", block->origin);
	buf_init(&spki, 65536);
	if (key != NULL && key_append_spki(key, &spki, err)) {
		options.key = buf_bytes(&spki);
		log = ct_log_new(&options, err);
	}
	buf_free(&spki);
	mem_free(submission);
	key_free(key);
	if (log == NULL)
		conf_wrap(err, block->where);
	return log;
}

const struct monitor_known_bad *
wiring_known_bad(struct loaded *loaded, const struct conf_log *block)
{
	struct monitor_known_bad *rows =
	    arena_zero(&loaded->arena, block->known_bad.count, sizeof(*rows));

	for (size_t i = 0; i < block->known_bad.count; i++) {
		char *rest;

		rows[i].index = strtoull(block->known_bad.items[i], &rest, 10);
		if (!hex_parse(rest + 1, rows[i].leaf.octets, SHA256_LEN))
			rows[i].leaf = (struct sha256){0}; /* conf saw to it */
	}
	return rows;
}

void
wiring_limits(struct fetch *fetch, const struct conf *conf)
{
	fetch_clear_limits(fetch);
	for (size_t i = 0; i < conf->operator_count; i++) {
		const struct conf_operator *block = &conf->operators[i];
		struct fetch_limits limits = {
		    .in_flight = (unsigned)block->requests_in_flight,
		    .per_second = block->requests_per_minute / 60.0,
		    /* a slow one has nothing to begin at once */
		    .burst =
			block->requests_per_minute > 0 && block->requests_per_minute < 60
			? 1
			: 0};

		fetch_set_limits(fetch, block->name, &limits);
	}
}

struct monitor_start
wiring_start(const struct conf_start *from)
{
	static const enum start_kind KINDS[] = {[CONF_START_TIP] = START_TIP,
	    [CONF_START_GENESIS] = START_GENESIS,
	    [CONF_START_INDEX] = START_INDEX,
	    [CONF_START_SINCE] = START_SINCE};

	return (struct monitor_start){
	    .kind = KINDS[from->kind], .index = from->index, .since_ms = from->since_ms};
}

/* --- watches --- */

/* What a set is made of; gone when it is made. */
struct watch_rows {
	struct watch_domain_row *domains;
	size_t domain_count;
	struct watch_ca_row *cas;
	size_t ca_count;
	int64_t since_ms;
	struct arena arena;
};

static unsigned
profiles_of(const struct conf_list *list)
{
	static const struct {
		const char *name;
		enum watch_profile bit;
	} PROFILES[] = {
	    {"dv", WATCH_DV}, {"ov", WATCH_OV}, {"iv", WATCH_IV}, {"ev", WATCH_EV}};
	unsigned bits = 0;

	for (size_t i = 0; i < list->count; i++)
		for (size_t j = 0; j < ARRAY_LEN(PROFILES); j++)
			if (strcmp(list->items[i], PROFILES[j].name) == 0)
				bits |= PROFILES[j].bit;
	return bits;
}

/* NULL: nothing is expected but issuers. */
static const struct watch_policy *
policy_of(struct watch_rows *rows, const struct conf_domains *block)
{
	struct watch_policy *policy = arena_zero(&rows->arena, 1, sizeof(*policy));

	*policy = (struct watch_policy){.suppress = block->suppress.items,
	    .suppress_count = block->suppress.count,
	    .profiles = profiles_of(&block->profiles),
	    .quota = (uint32_t)block->quota,
	    .lookalikes = block->lookalikes};
	return policy->suppress_count > 0 || policy->profiles != 0 ||
		policy->quota != 0 || policy->lookalikes
	    ? policy
	    : NULL;
}

static void
add_domains(struct watch_rows *rows, const struct conf_domains *block)
{
	const struct watch_policy *policy = policy_of(rows, block);

	for (size_t i = 0; i < block->count; i++)
		rows->domains[rows->domain_count++] =
		    (struct watch_domain_row){.name = block->names[i].text,
			.allowed_issuers = block->allowed_issuers.items,
			.allowed_count = block->allowed_issuers.count,
			.policy = policy,
			.since_ms = rows->since_ms};
}

uint8_t *
key_list_next(struct key_list *list)
{
	uint8_t(*old)[WATCH_KEY_LEN] = list->keys;

	if (list->count == list->room) {
		list->room = list->room == 0 ? 8 : list->room * 2;
		list->keys = arena_alloc(list->arena, list->room * WATCH_KEY_LEN);
		if (old != NULL)
			memcpy(list->keys, old, list->count * WATCH_KEY_LEN);
	}
	return list->keys[list->count++];
}

static bool
add_certificate_keys(struct key_list *list, const char *path, struct err *err)
{
	struct pem_iter pem;
	struct bytes der;
	struct buf file, scratch;
	struct sha256 hash;
	struct cert cert;
	bool ok = false;

	buf_init(&scratch, FILE_MAX);
	buf_init(&file, FILE_MAX);
	if (!file_load(path, &file, err)) {
		buf_free(&file);
		return false;
	}
	pem_certificates(buf_bytes(&file), &pem);
	while (pem_next(&pem, &scratch, &der)) {
		if (!cert_parse(der, &cert) || cert.spki.len == 0)
			continue;
		sha256_of(cert.spki, &hash);
		memcpy(key_list_next(list), hash.octets, WATCH_KEY_LEN);
		ok = true;
	}
	buf_free(&file);
	buf_free(&scratch);
	return ok || err_set(err, ERR_CONFIG, "%s: no certificate in it", path);
}

static bool
add_keys(struct key_list *list, const struct conf_ca *block, struct err *err)
{
	for (size_t i = 0; i < block->spki.count; i++)
		if (!hex_parse(block->spki.items[i], key_list_next(list), WATCH_KEY_LEN))
			return err_set(err, ERR_CONFIG,
				   "spki: %.80s is no SHA-256 in hex",
				   block->spki.items[i]) ||
			    conf_wrap(err, block->where);
	for (size_t i = 0; i < block->certificates.count; i++)
		if (!add_certificate_keys(list, block->certificates.items[i], err))
			return conf_wrap(err, block->where);
	return true;
}

/* They tell watches what to match and checks whose a key is. */
static bool
take_keys(struct loaded *loaded, struct err *err)
{
	size_t count = loaded->conf.ca_count;

	loaded->ca_keys = arena_zero(&loaded->arena, count, sizeof(*loaded->ca_keys));
	for (size_t i = 0; i < count; i++) {
		loaded->ca_keys[i].arena = &loaded->arena;
		if (!add_keys(&loaded->ca_keys[i], &loaded->conf.cas[i], err))
			return false;
	}
	return true;
}

static void
add_ca(struct watch_rows *rows, const struct conf_ca *block, const struct key_list *keys)
{
	rows->cas[rows->ca_count++] = (struct watch_ca_row){.name = block->name,
	    .keys = (const uint8_t(*)[WATCH_KEY_LEN])keys->keys,
	    .key_count = keys->count,
	    .subjects = block->subjects.items,
	    .subject_count = block->subjects.count,
	    .organisations = block->organizations.items,
	    .organisation_count = block->organizations.count,
	    .since_ms = rows->since_ms};
}

/* --- sinks --- */

static void
add_sink(struct loaded *loaded, const struct conf_sink *block,
    const struct alert_sink_options *options)
{
	static const enum notice_level LEVELS[] = {
	    [CONF_LEVEL_NOTICE] = NOTICE_LEVEL_NOTICE,
	    [CONF_LEVEL_WARNING] = NOTICE_LEVEL_WARNING,
	    [CONF_LEVEL_ERROR] = NOTICE_LEVEL_ERROR};
	struct alert_sink_options *sink = &loaded->alert_sinks[loaded->sink_count];

	*sink = *options;
	sink->name = block->name;
	sink->ca_file = block->ca_file;
	sink->timeout_ms = block->timeout_s * 1000;
	sink->give_up_ms = block->give_up_s * 1000;
	loaded->notice_sinks[loaded->sink_count++] =
	    (struct notice_sink){.name = block->name,
		.least = LEVELS[block->level],
		.only = block->only.items,
		.only_len = block->only.count,
		.skip = block->skip.items,
		.skip_len = block->skip.count};
}

static bool
take_sinks(struct loaded *loaded, struct err *err)
{
	const struct conf *conf = &loaded->conf;
	size_t count = conf->syslog_count + conf->webhook_count;

	loaded->alert_sinks =
	    arena_zero(&loaded->arena, count, sizeof(*loaded->alert_sinks));
	loaded->notice_sinks =
	    arena_zero(&loaded->arena, count, sizeof(*loaded->notice_sinks));
	for (size_t i = 0; i < conf->syslog_count; i++) {
		const struct conf_syslog *block = &conf->syslogs[i];
		struct alert_sink_options options = {.kind = "syslog",
		    .url = block->address,
		    .facility = block->facility,
		    .hostname = block->hostname,
		    .max_message = (size_t)block->max_message};

		add_sink(loaded, &block->sink, &options);
		if (!alert_sink_check(&loaded->alert_sinks[loaded->sink_count - 1], err))
			return conf_wrap(err, block->sink.where);
	}
	for (size_t i = 0; i < conf->webhook_count; i++) {
		const struct conf_webhook *block = &conf->webhooks[i];
		struct alert_sink_options options = {.kind = "webhook",
		    .url = block->url,
		    .secret_file = block->secret_file};

		add_sink(loaded, &block->sink, &options);
		if (!alert_sink_check(&loaded->alert_sinks[loaded->sink_count - 1], err))
			return conf_wrap(err, block->sink.where);
	}
	return true;
}

/* --- the whole --- */

static bool
check_tls_ca(const char *path, struct conf_where where, struct err *err)
{
	if (path == NULL || access(path, R_OK) == 0)
		return true;
	err_set(err, ERR_CONFIG, "tls_ca: cannot read %s: %m; write a file of PEM", path);
	return conf_wrap(err, where);
}

/* libcurl would only say it of every request. */
static bool
check_logs(const struct conf *conf, struct err *err)
{
	for (size_t i = 0; i < conf->log_list_count; i++)
		if (!check_tls_ca(
			conf->log_lists[i].tls_ca, conf->log_lists[i].where, err))
			return false;
	for (size_t i = 0; i < conf->log_count; i++)
		if (!check_tls_ca(conf->logs[i].tls_ca, conf->logs[i].where, err))
			return false;
	return true;
}

/* Puts the place of the first name that is refused by itself before err; of a
 * name that stands there twice only the file. */
static bool
wrap_domain(const struct conf *conf, struct err *err)
{
	for (size_t i = 0; i < conf->domains_count; i++) {
		const struct conf_domains *block = &conf->domains[i];

		for (size_t j = 0; j < block->count; j++) {
			struct watch_domain_row row = {.name = block->names[j].text};
			struct watch_set *set = watch_set_new(&row, 1, NULL, 0, NULL);
			struct conf_where where = {
			    block->file != NULL ? block->file : block->where.file,
			    block->names[j].line};

			if (set == NULL)
				return conf_wrap(err, where);
			watch_set_unref(set);
		}
	}
	return err_wrap(err, "%s", conf->file);
}

static void
fill_rows(const struct loaded *loaded, struct watch_rows *rows)
{
	const struct conf *conf = &loaded->conf;
	size_t names = 0;

	for (size_t i = 0; i < conf->domains_count; i++)
		names += conf->domains[i].count;
	rows->domains = arena_zero(&rows->arena, names, sizeof(*rows->domains));
	rows->cas = arena_zero(&rows->arena, conf->ca_count, sizeof(*rows->cas));
	for (size_t i = 0; i < conf->domains_count; i++)
		add_domains(rows, &conf->domains[i]);
	for (size_t i = 0; i < conf->ca_count; i++)
		add_ca(rows, &conf->cas[i], &loaded->ca_keys[i]);
}

/* A hundred thousand names are kept once: in the set. */
static bool
take_watches(struct loaded *loaded, struct err *err)
{
	struct watch_rows rows = {.since_ms = loaded->conf.news_since_s * 1000};
	bool ok;

	arena_init(&rows.arena);
	fill_rows(loaded, &rows);
	loaded->watches =
	    watch_set_new(rows.domains, rows.domain_count, rows.cas, rows.ca_count, err);
	ok = loaded->watches != NULL || wrap_domain(&loaded->conf, err);
	arena_free(&rows.arena);
	conf_forget_names(&loaded->conf);
	return ok;
}

struct loaded *
loaded_new(const char *path, struct err *err)
{
	struct loaded *loaded = mem_zero(1, sizeof(*loaded));

	arena_init(&loaded->arena);
	if (conf_load(path, &loaded->conf, err) && check_logs(&loaded->conf, err) &&
	    take_keys(loaded, err) && take_watches(loaded, err) &&
	    wiring_checks(loaded, err) && take_sinks(loaded, err))
		return loaded;
	loaded_free(loaded);
	return NULL;
}

void
loaded_free(void *owner)
{
	struct loaded *loaded = owner;

	if (loaded == NULL)
		return;
	watch_set_unref(loaded->watches);
	check_data_fini(&loaded->params);
	conf_free(&loaded->conf);
	arena_free(&loaded->arena);
	mem_free(loaded);
}
