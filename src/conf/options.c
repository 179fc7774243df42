#include "conf/option.h"

#include "base/err.h"
#include "conf/conf_priv.h"

#define MINUTE           INT64_C(60) /* seconds */
#define HOUR             (60 * MINUTE)
#define DAY              (24 * HOUR)
#define YEAR             (366 * DAY)
#define CENTURY          (100 * YEAR)
#define IN(type, field)  .at = offsetof(struct type, field)
#define BOUNDS(from, to) .least = (from), .most = (to)
#define SAYS             .meaning =
#define STATES           "none pending qualified usable readonly retired rejected"
#define FACILITIES                                                                       \
	"kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit "   \
	"alert clock local0 local1 local2 local3 local4 local5 local6 local7"

/* What both kinds of sinks have. */
#define SINK_OPTIONS(section, type)                                                      \
	{section, "level", CONF_CHOICE, "notice", "notice warning error",                \
	    IN(type, sink.level), SAYS "the least that is sent"},                        \
	    {section, "only", CONF_LIST, IN(type, sink.only),                            \
		SAYS "ids of checks and kinds of events; none: all"},                    \
	    {section, "skip", CONF_LIST, IN(type, sink.skip),                            \
		SAYS "ids of checks and kinds of events that are not sent"},             \
	    {section, "timeout", CONF_DURATION, "30", BOUNDS(1, HOUR),                   \
		IN(type, sink.timeout_s), SAYS "for one delivery"},                      \
	    {section, "give_up", CONF_DURATION, "7d", BOUNDS(MINUTE, YEAR),              \
		IN(type, sink.give_up_s),                                                \
		SAYS "an alert this old becomes a dead letter"},                         \
	{                                                                                \
		section, "ca_file", CONF_PATH, IN(type, sink.ca_file),                   \
		    SAYS "certificates that vouch for the server, PEM"                   \
	}

static const struct conf_option OPTIONS[] = {
    {"", "include", CONF_PATHS, IN(conf, include),
	SAYS "further files, * and ? match any; read after the one that names them"},

    /* places */
    {"", "state_dir", CONF_PATH, LOCALSTATEDIR "/lib/ctwarden", IN(conf, state_dir),
	SAYS "the folder of the database and of the log lists last read"},
    {"", "database", CONF_PATH, IN(conf, database),
	SAYS "the SQLite database; ctwarden.db in state_dir where it is not said"},
    {"", "control", CONF_PATH, "/run/ctwarden/control", IN(conf, control),
	SAYS "the socket by which ctwarden speaks to ctwardend"},
    {"", "pid_file", CONF_PATH, IN(conf, pid_file),
	SAYS "where the process id is written; systemd needs none"},

    /* what is stored */
    {"", "store", CONF_CHOICE, "matched", "matched all", IN(conf, store),
	SAYS "which certificates are stored: those that a watch matches, or all"},
    {"", "keep_heads", CONF_DURATION, "0", BOUNDS(0, CENTURY), IN(conf, keep_heads_s),
	SAYS "how long tree heads are kept; 0: for good"},
    {"", "keep_unmatched", CONF_DURATION, "0", BOUNDS(0, CENTURY),
	IN(conf, keep_unmatched_s),
	SAYS "how long certificates that no watch matches are kept; 0: for good"},
    {"", "keep_delivered", CONF_DURATION, "90d", BOUNDS(0, CENTURY),
	IN(conf, keep_delivered_s),
	SAYS "how long delivered alerts are kept in the outbox; 0: for good"},

    /* bounds */
    {"", "cache_mb", CONF_NUMBER, "8", BOUNDS(1, 65536), IN(conf, cache_mb),
	SAYS "megabytes of the database's page cache"},
    {"", "bodies_mb", CONF_NUMBER, "16", BOUNDS(1, 4096), IN(conf, bodies_mb),
	SAYS "megabytes of downloaded entries in flight"},
    {"", "workers", CONF_NUMBER, "2", BOUNDS(0, 64), IN(conf, workers),
	SAYS "threads that decode and judge; 0: all work is done in one thread"},

    /* reading */
    {"", "contact", CONF_TEXT, IN(conf, contact),
	SAYS "mail address or URL that log operators see in the user agent"},
    {"", "requests_per_second", CONF_NUMBER, "50", BOUNDS(1, 1000000),
	IN(conf, requests_per_second), SAYS "to one host, at most"},
    {"", "requests_in_flight", CONF_NUMBER, "8", BOUNDS(1, 1000),
	IN(conf, requests_in_flight), SAYS "to one host at once, at most"},
    {"", "poll", CONF_DURATION, "60", BOUNDS(10, DAY), IN(conf, poll_s),
	SAYS "how often each log is asked for its head"},
    {"", "start", CONF_START, "tip", IN(conf, start),
	SAYS "where logs that answer at the first start are read from"},
    {"", "news_since", CONF_DATE, IN(conf, news_since_s),
	SAYS "what was logged since then is told even where a watch began later"},
    {"", "new_log_max", CONF_COUNT, "5000000", BOUNDS(0, INT64_C(1) << 40),
	IN(conf, new_log_max),
	SAYS "a log that appears later and is larger is read from its tip"},
    {"", "unproved_start", CONF_YES_NO, "no", IN(conf, unproved_start),
	SAYS "start inside a log that cannot prove what lies before"},
    {"", "roots", CONF_DURATION, "1d", BOUNDS(0, 365 * DAY), IN(conf, roots_s),
	SAYS "how often each log is asked which roots it accepts; 0: never"},

    {"", "heartbeat", CONF_DURATION, "0", BOUNDS(0, 30 * DAY), IN(conf, heartbeat_s),
	SAYS "how often each sink hears that the daemon is alive; 0: never"},
    {"", "log_level", CONF_CHOICE, "info", "error warning info debug",
	IN(conf, log_level), SAYS "the least that the daemon says of itself"},

    /* logs */
    {"log_list", "file", CONF_PATH, IN(conf_log_list, file), SAYS "the list as a file"},
    {"log_list", "url", CONF_URL, NULL, "https http file", IN(conf_log_list, url),
	SAYS "the list's address"},
    {"log_list", "signature", CONF_TEXT, IN(conf_log_list, signature),
	SAYS "address or file of the list's signature"},
    {"log_list", "key", CONF_TEXT, IN(conf_log_list, key),
	SAYS "the key of that signature: base64, or google for Google's own"},
    {"log_list", "key_file", CONF_PATH, IN(conf_log_list, key_file),
	SAYS "the key of that signature in a file, PEM or DER"},
    {"log_list", "tls_ca", CONF_PATH, IN(conf_log_list, tls_ca),
	SAYS "certificates that vouch for the list's server, PEM"},
    {"log_list", "refresh", CONF_DURATION, "1h", BOUNDS(MINUTE, 30 * DAY),
	IN(conf_log_list, refresh_s), SAYS "how often the list is read again"},
    {"log_list", "states", CONF_LIST, "pending qualified usable readonly retired", STATES,
	IN(conf_log_list, states), SAYS "logs in these states are followed"},
    {"log_list", "operators", CONF_LIST, IN(conf_log_list, operators),
	SAYS "only logs of these operators; none: of every one"},
    {"log_list", "skip", CONF_LIST, IN(conf_log_list, skip),
	SAYS "descriptions or log ids of logs that are left out"},
    {"log_list", "test_logs", CONF_YES_NO, "no", IN(conf_log_list, test_logs),
	SAYS "follow test logs as well"},
    {"log_list", "monitoring_only", CONF_YES_NO, "no", IN(conf_log_list, monitoring_only),
	SAYS "follow logs listed for monitoring only as well"},
    {"log_list", "tiles", CONF_YES_NO, "no", IN(conf_log_list, tiles),
	SAYS "read RFC 6962 logs by tiles where the list says that they have some"},
    {"log_list", "start", CONF_START, IN(conf_log_list, start),
	SAYS "as start above, for these logs"},
    {"log_list", "poll", CONF_DURATION, BOUNDS(10, DAY), IN(conf_log_list, poll_s),
	SAYS "as poll above, for these logs"},

    {"operator", "requests_per_minute", CONF_NUMBER, "0", BOUNDS(0, 60000000),
	IN(conf_operator, requests_per_minute),
	SAYS "to all of its logs together, at most; 0: as to a host"},
    {"operator", "requests_in_flight", CONF_NUMBER, "0", BOUNDS(0, 1000),
	IN(conf_operator, requests_in_flight),
	SAYS "to all of its logs at once, at most; 0: as to a host"},

    {"log", "url", CONF_URL, NULL, "https http file", IN(conf_log, url),
	SAYS "where the log is read; of a static log the monitoring prefix"},
    {"log", "kind", CONF_CHOICE, "static", "static rfc6962", IN(conf_log, kind),
	SAYS "the protocol it speaks"},
    {"log", "tiles", CONF_URL, NULL, "https http file", IN(conf_log, tiles),
	SAYS "where an RFC 6962 log serves tiles too: they are read where faster"},
    {"log", "origin", CONF_TEXT, IN(conf_log, origin),
	SAYS "a static log's name in its checkpoints"},
    {"log", "submission_url", CONF_URL, NULL, "https http", IN(conf_log, submission_url),
	SAYS "a static log's submission prefix, from which its origin follows"},
    {"log", "key", CONF_TEXT, IN(conf_log, key),
	SAYS "the log's key: base64 of its SubjectPublicKeyInfo"},
    {"log", "key_file", CONF_PATH, IN(conf_log, key_file),
	SAYS "the log's key in a file, PEM or DER"},
    {"log", "mmd", CONF_DURATION, BOUNDS(1, 30 * DAY), IN(conf_log, mmd_s),
	SAYS "its maximum merge delay; 24 hours, of a static log a minute"},
    {"log", "operator", CONF_TEXT, IN(conf_log, operator),
	SAYS "who runs it; logs of one operator share its limits"},
    {"log", "tls_ca", CONF_PATH, IN(conf_log, tls_ca),
	SAYS "certificates that vouch for the log's server, PEM"},
    {"log", "archived", CONF_YES_NO, "no", IN(conf_log, archived),
	SAYS "it takes no more entries: its head may be old and is seldom asked for"},
    {"log", "start", CONF_START, IN(conf_log, start),
	SAYS "as start above, for this log"},
    {"log", "poll", CONF_DURATION, BOUNDS(10, DAY), IN(conf_log, poll_s),
	SAYS "as poll above, for this log"},
    {"log", "known_bad", CONF_LIST, IN(conf_log, known_bad),
	SAYS "\"INDEX:HASH\": leaves that the tree holds instead of those served"},
    {"log", "unproved_start", CONF_YES_NO, IN(conf_log, unproved_start),
	SAYS "as unproved_start above, for this log"},

    /* watches */
    {"domain", "allowed_issuers", CONF_LIST, IN(conf_domains, allowed_issuers),
	SAYS "whom the owner expects; only other issuers alert then"},
    {"domain", "profiles", CONF_LIST, NULL, "dv ov iv ev", IN(conf_domains, profiles),
	SAYS "which kinds of certificates the owner uses; others alert"},
    {"domain", "quota", CONF_NUMBER, "0", BOUNDS(0, 1000000), IN(conf_domains, quota),
	SAYS "how many certificates the owner expects in 30 days; 0: any number"},
    {"domain", "suppress", CONF_LIST, IN(conf_domains, suppress),
	SAYS "issuers, or keys of certificates, of which nothing is told"},
    {"domain", "lookalikes", CONF_YES_NO, "no", IN(conf_domains, lookalikes),
	SAYS "names that look like it match, too"},
    {"domains", "file", CONF_PATH, IN(conf_domains, file),
	SAYS "a file of domain names, one a line"},
    {"domains", "allowed_issuers", CONF_LIST, IN(conf_domains, allowed_issuers),
	SAYS "whom the owner expects; only other issuers alert then"},
    {"domains", "profiles", CONF_LIST, NULL, "dv ov iv ev", IN(conf_domains, profiles),
	SAYS "which kinds of certificates the owner uses; others alert"},
    {"domains", "quota", CONF_NUMBER, "0", BOUNDS(0, 1000000), IN(conf_domains, quota),
	SAYS "how many certificates the owner expects in 30 days; 0: any number"},
    {"domains", "suppress", CONF_LIST, IN(conf_domains, suppress),
	SAYS "issuers, or keys of certificates, of which nothing is told"},
    {"domains", "lookalikes", CONF_YES_NO, "no", IN(conf_domains, lookalikes),
	SAYS "names that look like it match, too"},

    {"ca", "spki", CONF_LIST, IN(conf_ca, spki),
	SAYS "SHA-256 of its keys' SubjectPublicKeyInfo, in hex"},
    {"ca", "certificates", CONF_PATHS, IN(conf_ca, certificates),
	SAYS "files of its CA certificates: their keys, as by spki"},
    {"ca", "subject", CONF_LIST, IN(conf_ca, subjects),
	SAYS "names of its CAs, as \"CN=..., O=..., C=CN\""},
    {"ca", "organization", CONF_LIST, IN(conf_ca, organizations),
	SAYS "values of O in the names of its CAs"},
    {"ca", "state", CONF_CHOICE, "normal", "normal probation distrusted idle",
	IN(conf_ca, state), SAYS "how root programs regard it"},
    {"ca", "idle_since", CONF_DATE, IN(conf_ca, idle_since_s),
	SAYS "the day on which it said that it stopped"},
    {"ca", "time_zone", CONF_ZONE, "+00:00", IN(conf_ca, time_zone_minutes),
	SAYS "where its midnight is"},
    {"ca", "hosts", CONF_LIST, IN(conf_ca, hosts),
	SAYS "hosts of its CRLs and issuer certificates, with all below them"},
    {"ca", "policies", CONF_LIST, IN(conf_ca, policies),
	SAYS "its policy OIDs in dots, with all below them"},
    {"ca", "partners", CONF_LIST, IN(conf_ca, partners),
	SAYS "names of ca blocks whose infrastructure it openly uses"},
    {"ca", "announced", CONF_LIST, IN(conf_ca, announced),
	SAYS "keys of new CAs that it announced beforehand, as by spki"},
    {"ca", "programs", CONF_LIST, IN(conf_ca_lists, programs),
	SAYS "\"PROGRAM [FROM [UNTIL]]\": root programs that include its roots"},
    {"ca", "customers_outside", CONF_LIST, IN(conf_ca, customers_outside),
	SAYS "root programs outside which it has customers, as it declared"},
    {"ca", "distrust", CONF_LIST, IN(conf_ca_lists, distrust),
	SAYS "\"PROGRAM MODE DATE\": MODE is nb, sct or logged"},
    {"ca", "commitments", CONF_LIST, IN(conf_ca_lists, commitments),
	SAYS "\"embedded-sct FROM [UNTIL]\" or \"no-issuance FROM [UNTIL]\": promises"},
    {"ca", "holidays", CONF_LIST, IN(conf_ca_lists, holidays),
	SAYS "days on which it does not work, beside weekends: dates"},
    {"ca", "holiday_file", CONF_PATH, IN(conf_ca, holiday_file),
	SAYS "a file of more such days"},
    {"ca", "claims", CONF_LIST, IN(conf_ca_lists, claims),
	SAYS "\"METRIC FROM UNTIL COUNT [PERCENT%]\": numbers that it published"},

    /* checks */
    {"checks", "disable", CONF_LIST, IN(conf_checks, disable),
	SAYS "ids of checks that do not run"},
    {"checks", "dates", CONF_CHOICE, "sign", "sign nb none", IN(conf_checks, dates),
	SAYS "which clock says whether a dated rule is in force"},
    {"checks", "clock_skew", CONF_DURATION, "60", BOUNDS(0, DAY),
	IN(conf_checks, clock_skew_s), SAYS "what clocks may be apart"},
    {"checks", "backdate_grace", CONF_DURATION, "48h", BOUNDS(0, 30 * DAY),
	IN(conf_checks, backdate_grace_s),
	SAYS "how far notBefore may lie before a certificate's SCTs"},
    {"checks", "backdate_notice", CONF_DURATION, "24h", BOUNDS(0, 30 * DAY),
	IN(conf_checks, backdate_notice_s), SAYS "from when on that is noticed"},
    {"checks", "twin_window", CONF_DURATION, "24h", BOUNDS(0, 30 * DAY),
	IN(conf_checks, twin_window_s),
	SAYS "within which the same names and key from two CAs are twins"},
    {"checks", "forward_notice", CONF_DURATION, "1h", BOUNDS(0, 30 * DAY),
	IN(conf_checks, forward_notice_s),
	SAYS "from when on a notBefore ahead of the log's clock is noticed"},
    {"checks", "late_grace", CONF_DURATION, "48h", BOUNDS(0, 30 * DAY),
	IN(conf_checks, late_grace_s),
	SAYS "how far notBefore may lie before the first log's timestamp"},
    {"checks", "twin_dates", CONF_DURATION, "900", BOUNDS(0, DAY),
	IN(conf_checks, twin_dates_s),
	SAYS "within which two certificates of one CA for the same names are twins"},
    {"checks", "precert_retry", CONF_DURATION, "600", BOUNDS(0, DAY),
	IN(conf_checks, precert_retry_s),
	SAYS
	"within which two precertificates for the same names and key are one order's"},
    {"checks", "final_wait", CONF_DURATION, "72h", BOUNDS(0, 365 * DAY),
	IN(conf_checks, final_wait_s),
	SAYS "how old a precertificate without its final certificate gets"},
    {"checks", "precert_wait", CONF_DURATION, "24h", BOUNDS(0, 365 * DAY),
	IN(conf_checks, precert_wait_s),
	SAYS "beyond the log's delay, what a certificate waits for its precertificate"},
    {"checks", "cluster_min", CONF_NUMBER, "10", BOUNDS(2, 1000000),
	IN(conf_checks, cluster_min),
	SAYS "how many certificates dated to one day are a cluster at least"},
    {"checks", "late_batch", CONF_NUMBER, "100", BOUNDS(2, 1000000),
	IN(conf_checks, late_batch),
	SAYS "how many certificates logged late within an hour are a batch"},
    {"checks", "max_san", CONF_NUMBER, "100", BOUNDS(2, 1000000),
	IN(conf_checks, max_san), SAYS "from how many names on they are many"},
    {"checks", "tenant_learn", CONF_NUMBER, "50", BOUNDS(2, 256),
	IN(conf_checks, tenant_learn),
	SAYS "from how many names below it on a domain is known to be a host's"},
    {"checks", "tenant_window", CONF_DURATION, "7d", BOUNDS(0, 365 * DAY),
	IN(conf_checks, tenant_window_s),
	SAYS "how long a tenant's own certificate before counts against the next"},
    {"checks", "serial_slack", CONF_NUMBER, "8", BOUNDS(0, 16),
	IN(conf_checks, serial_slack),
	SAYS "by how many bits a serial number may be short of 64 by chance"},
    {"checks", "serial_population", CONF_NUMBER, "30", BOUNDS(2, 1000000),
	IN(conf_checks, serial_population),
	SAYS "how many serial numbers of an issuer are looked at together at least"},
    {"checks", "watched_an_hour", CONF_NUMBER, "20", BOUNDS(1, 1000000),
	IN(conf_checks, watched_an_hour),
	SAYS "how many certificates for a watched domain within an hour are usual"},
    {"checks", "min_orgs", CONF_NUMBER, "2", BOUNDS(2, 1000), IN(conf_checks, min_orgs),
	SAYS "how many owners of domains may not have one key"},
    {"checks", "cdn_domains", CONF_NUMBER, "20", BOUNDS(2, 1000),
	IN(conf_checks, cdn_domains),
	SAYS "how many domains in one certificate make its key a host's"},
    {"checks", "profile_min", CONF_NUMBER, "200", BOUNDS(1, 1000000),
	IN(conf_checks, profile_min),
	SAYS "certificates of an issuer in 30 days before a profile of it is unusual"},
    {"checks", "profile_rare", CONF_NUMBER, "1000", BOUNDS(2, 1000000),
	IN(conf_checks, profile_rare),
	SAYS "of so many certificates, less than one is rare"},
    {"checks", "profile_settled", CONF_NUMBER, "100", BOUNDS(1, 1000000),
	IN(conf_checks, profile_settled),
	SAYS "certificates of a profile after which it is told no more"},
    {"checks", "test_words", CONF_LIST, IN(conf_checks, test_words),
	SAYS "words by which test certificates are known; none: the usual ones"},
    {"checks", "test_sites", CONF_LIST, IN(conf_checks, test_sites),
	SAYS "hosts or URLs of test websites whose certificates are no tests"},
    {"checks", "allow_suffixes", CONF_LIST, IN(conf_checks, allow_suffixes),
	SAYS "public suffixes whose owners may have a wildcard over them"},
    {"checks", "require_verified", CONF_YES_NO, "yes", IN(conf_checks, require_verified),
	SAYS "count only SCTs whose signature verifies"},
    {"checks", "shared_factors", CONF_YES_NO, "no", IN(conf_checks, shared_factors),
	SAYS "hold all RSA keys against each other for factors in common"},
    {"checks", "optional_rules", CONF_YES_NO, "no", IN(conf_checks, optional_rules),
	SAYS "run rules that are off by themselves"},
    {"checks", "psl_file", CONF_PATH, IN(conf_checks, psl_file),
	SAYS "a public suffix list, in the place of libpsl's"},
    {"checks", "tld_file", CONF_PATH, IN(conf_checks, tld_file),
	SAYS "top-level domains and when they stood in the root zone"},
    {"checks", "country_file", CONF_PATH, IN(conf_checks, country_file),
	SAYS "ISO 3166-1 codes and when they were assigned"},
    {"checks", "special_file", CONF_PATH, IN(conf_checks, special_file),
	SAYS "blocks of IANA's special-purpose address registries"},
    {"checks", "tenant_file", CONF_PATH, IN(conf_checks, tenant_file),
	SAYS "domains whose sub-domains belong to others"},
    {"checks", "weak_key_files", CONF_PATHS, IN(conf_checks, weak_key_files),
	SAYS "keys that Debian's broken generator makes"},
    {"checks", "blocked_key_file", CONF_PATH, IN(conf_checks, blocked_key_file),
	SAYS "keys known to be compromised"},

    /* sinks */
    SINK_OPTIONS("syslog", conf_syslog),
    {"syslog", "address", CONF_URL, "unix:/dev/log", "unix udp tcp tls",
	IN(conf_syslog, address), SAYS "where syslog messages go"},
    {"syslog", "facility", CONF_CHOICE, "daemon", FACILITIES, IN(conf_syslog, facility),
	SAYS "the facility they bear"},
    {"syslog", "hostname", CONF_TEXT, IN(conf_syslog, hostname),
	SAYS "the host name they bear; the machine's where it is not said"},
    {"syslog", "max_message", CONF_NUMBER, "0", BOUNDS(0, 65536),
	IN(conf_syslog, max_message),
	SAYS "bytes a message may have; 0: 2048 over UDP, 8192 elsewhere"},
    SINK_OPTIONS("webhook", conf_webhook),
    {"webhook", "url", CONF_URL, NULL, "https http", IN(conf_webhook, url),
	SAYS "where alerts are posted"},
    {"webhook", "secret_file", CONF_PATH, IN(conf_webhook, secret_file),
	SAYS "the file that holds the key of the HMAC signature"},
};

const struct conf_option *
conf_options(size_t *count)
{
	*count = ARRAY_LEN(OPTIONS);
	return OPTIONS;
}

const struct conf_option *
option_find(const char *section, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(OPTIONS); i++)
		if (strcmp(OPTIONS[i].section, section) == 0 &&
		    strcmp(OPTIONS[i].name, name) == 0)
			return &OPTIONS[i];
	return NULL;
}

/* The number of letters to change, add or leave out (Levenshtein); names are
 * short, more than 31 letters are not looked at. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[32], len = strnlen(b, ARRAY_LEN(row) - 1);

	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 0; i < ARRAY_LEN(row) && a[i] != '\0'; i++) {
		size_t left_above = row[0];

		row[0] = i + 1;
		for (size_t j = 1; j <= len; j++) {
			size_t above = row[j];
			size_t best = left_above + (a[i] != b[j - 1]);

			best = best < above + 1 ? best : above + 1;
			row[j] = best < row[j - 1] + 1 ? best : row[j - 1] + 1;
			left_above = above;
		}
	}
	return row[len];
}

const char *
option_near(const char *section, const char *typed)
{
	const char *nearest = NULL;
	size_t least = 3;

	for (size_t i = 0; i < ARRAY_LEN(OPTIONS); i++) {
		bool is_block = section[0] == '\0' && OPTIONS[i].section[0] != '\0';
		const char *name = is_block ? OPTIONS[i].section : OPTIONS[i].name;

		if (!is_block && strcmp(OPTIONS[i].section, section) != 0)
			continue;
		if (distance(typed, name) < least) {
			least = distance(typed, name);
			nearest = name;
		}
	}
	return nearest;
}
