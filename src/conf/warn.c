#include "conf/conf.h"

typedef bool warn_fn(const struct conf *);

static bool
has_no_log(const struct conf *conf)
{
	return conf->log_count + conf->log_list_count == 0;
}

static bool
watches_nothing(const struct conf *conf)
{
	return conf->domains_count + conf->ca_count == 0 &&
	    conf->store == CONF_STORE_MATCHED;
}

static bool
has_no_sink(const struct conf *conf)
{
	return conf->syslog_count + conf->webhook_count == 0;
}

static bool
is_web(const char *url)
{
	return url != NULL && strncmp(url, "http", 4) == 0;
}

static bool
has_no_contact(const struct conf *conf)
{
	bool web = false;

	for (size_t i = 0; i < conf->log_count; i++)
		web = web || is_web(conf->logs[i].url);
	/* Whatever way a list comes, its logs are on the web. */
	return conf->contact == NULL && (web || conf->log_list_count > 0);
}

static bool
has_unsigned_list(const struct conf *conf)
{
	for (size_t i = 0; i < conf->log_list_count; i++)
		if (is_web(conf->log_lists[i].url) &&
		    conf->log_lists[i].signature == NULL)
			return true;
	return false;
}

static bool
has_unsigned_webhook(const struct conf *conf)
{
	for (size_t i = 0; i < conf->webhook_count; i++)
		if (conf->webhooks[i].secret_file == NULL)
			return true;
	return false;
}

static const struct {
	warn_fn *holds;
	const char *text;
} WARNINGS[] = {
    {has_no_log, "no log is followed; add a log_list or a log block"},
    {watches_nothing, "nothing is watched; add a domain or a ca block"},
    {has_no_sink,
	"alerts go nowhere but into the database; add a syslog or a webhook "
	"block"},
    {has_no_contact,
	"contact is not set; log operators slow down clients that do not say "
	"who they are, write contact = \"you@example.org\""},
    {has_unsigned_list,
	"a log list is fetched without its signature being checked; write "
	"signature and key_file"},
    {has_unsigned_webhook,
	"a webhook is not signed, so its receiver cannot tell our "
	"alerts from others; write secret_file"},
};

bool
conf_warning(const struct conf *conf, size_t n, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(WARNINGS); i++)
		if (WARNINGS[i].holds(conf) && n-- == 0)
			return buf_append_format(
			    out, "%s: %s", conf->file, WARNINGS[i].text);
	return false;
}
