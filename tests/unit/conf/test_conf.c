#include <stdlib.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf/option.h"
#include "tests/lib/unit.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define KEY  "key = \"AAAA\" "
#define SPKI "\"0123456789abcdef0123456789abcdef0123456789ABCDEF0123456789abcdef\""

/* What is refused, with all that the operator is told. */
#define PROGRAM_WORDS                                                                    \
	"c:1: programs: write \"Mozilla\", with the day on which its roots came in and " \
	"the one on which they went where they are known; \"none\" where no program "    \
	"has "                                                                           \
	"them"
#define CLAIM_WORDS                                                                      \
	"c:1: claims: write \"misissued 2015-01-01 2016-01-01 1647\": issued, "          \
	"misissued, serious or failed.CHECK (behind \"seen.\" by the day of signing), "  \
	"from, until, how many, and a tolerance as 5% where there is one"

static const struct {
	const char *what, *text, *says;
} REFUSED[] = {
    {"a value below its bound", "poll = 60\n\npoll = 5\n",
	"c:3: poll: 5 is below 10 s; write at least poll = 10"},
    {"and above", "workers = 65",
	"c:1: workers: 65 is above 64; write at most workers = 64"},
    {"a bound in hours", "poll = 25h",
	"c:1: poll: 25h is above 24 h; write at most poll = 86400"},
    {"no number", "cache_mb = many",
	"c:1: cache_mb: \"many\" is no whole number; write cache_mb = 8"},
    {"a negative number", "workers = -1",
	"c:1: workers: \"-1\" is no whole number; write workers = 2"},
    {"more digits than a number has", "new_log_max = 99999999999999999999",
	"c:1: new_log_max: \"99999999999999999999\" is no whole number; write "
	"new_log_max = "
	"5000000"},
    {"no duration", "poll = \"1 fortnight\"",
	"c:1: poll: \"1 fortnight\" is no duration; write seconds, or 30s, 5m, 2h, 7d, "
	"4w"},
    {"no choice", "store = some",
	"c:1: store: \"some\" is not known; write one of: matched all"},
    {"a choice's beginning", "store = al",
	"c:1: store: \"al\" is not known; write one of: matched all"},
    {"neither yes nor no", "unproved_start = maybe",
	"c:1: unproved_start: \"maybe\" is neither yes nor no; write unproved_start = "
	"yes"},
    {"no place in a log", "start = yesterday",
	"c:1: start: \"yesterday\" is no place in a log; write tip, genesis, an index, "
	"or "
	"\"since 2026-01-31\""},
    {"no date", "start = \"since 2026-02-30\"",
	"c:1: start: \"2026-02-30\" is no date; write it as 2016-10-21 or "
	"2016-10-21T00:00:00Z"},
    {"an index beyond every log", "start = 1099511627776",
	"c:1: start: \"1099511627776\" is no place in a log; write tip, genesis, an "
	"index, or "
	"\"since 2026-01-31\""},
    {"a misspelt option", "# comment\npool = 60\n",
	"c:2: no such option 'pool'; is poll meant?"},
    {"a misspelt block", "domian \"a.example\" {}",
	"c:1: no such option 'domian'; is domain meant?"},
    {"a secret in the file", "webhook \"w\" {\n secret = x\n}",
	"c:2: no such option 'secret'; ctwarden.conf(5) lists them"},
    {"an option of another block", "domain \"a.example\" {\n  poll = 60\n}",
	"c:2: no such option 'poll'; ctwarden.conf(5) lists them"},
    {"an option by libconfuse's path",
	"log \"a\" { " KEY " url = \"file:///a\" }\n\"log=a|poll\" = 1",
	"c:2: poll: write it inside its block"},
    {"an option no block has, by such a path", "checks|dates = nb",
	"c:1: no sub-section title/index for 'checks'; see ctwarden.conf(5)"},
    {"an open quote", "poll = 60\ncontact = \"me\npoll = 60\n",
	"c:2: this quote is not closed"},
    {"an open quote that ends with a backslash", "contact = 'me\\",
	"c:1: this quote is not closed"},
    {"an open block", "\ndomain \"a.example\" {\n\n", "c:2: this brace is not closed"},
    {"an open comment", "poll = /* ten", "c:1: this comment is not closed"},
    {"a value that does not come",
	"poll =", "c:1: premature end of file; the last line is not complete"},
    {"a brace too many", "}", "c:1: unexpected closing brace; one brace too many"},
    {"no equal sign", "poll 60",
	"c:1: missing equal sign after option 'poll'; write NAME = VALUE"},
    {"a block without its name", "domain {}",
	"c:1: missing title for section 'domain'; write the block's name in "
	"quotes "
	"before the "
	"brace"},
    {"one name twice", "domain \"a.example\" {}\ndomain \"a.example\" {}",
	"c:2: found duplicate title 'a.example'; give each block a name of its "
	"own"},
    {"bytes for a terminal", "\"\\e[2J\" = 1",
	"c:1: no such option '\\x1b[2J'; ctwarden.conf(5) lists them"},
    {"an address without quotes", "log \"a\" { " KEY " url = https://ct.example/\n}",
	"c:1: url: \"https:\" has nothing behind https:; put the whole address "
	"in "
	"quotes"},
    {"another scheme", "log \"a\" { url = \"ftp://ct.example/\" }",
	"c:1: url: \"ftp://ct.example/\" does not begin as an address; write one "
	"of "
	"these "
	"first, and a colon: https http file"},
    {"a log without an address", "poll = 60\nlog \"a\"\n{\n " KEY "\n}\n",
	"c:3: url: missing (where the log is read; of a static log the "
	"monitoring "
	"prefix); "
	"write url = \"...\""},
    {"a log without a key", "log \"a\" { url = \"file:///a\" }",
	"c:1: key: missing (the log's key: base64 of its SubjectPublicKeyInfo); "
	"write "
	"key = "
	"\"...\""},
    {"two keys", "log \"a\" { url = \"file:///a\" " KEY "key_file = b }",
	"c:1: key and key_file: write only one of them"},
    {"a folder that speaks RFC 6962",
	"log \"a\" { url = \"file:///a\" " KEY "kind = rfc6962 }",
	"c:1: url: a folder is read as a static log; write kind = static"},
    {"tiles beside tiles",
	"log \"a\" { url = \"file:///a\" " KEY "tiles = \"https://a/\" }",
	"c:1: tiles: of a static log write the monitoring prefix as url"},
    {"a leaf without a hash",
	"log \"a\" { url = \"file:///a\" " KEY "known_bad = {\"7:" HASH "\", 12} }",
	"c:1: known_bad: \"12\" is no leaf; write \"INDEX:HASH\", the hash that the "
	"tree holds there as 64 hex digits"},
    {"a leaf with half a hash",
	"log \"a\" { url = \"file:///a\" " KEY "known_bad = {\"12:0123456789abcdef\"} }",
	"c:1: known_bad: \"12:0123456789abcdef\" is no leaf; write \"INDEX:HASH\", the "
	"hash that the tree holds there as 64 hex digits"},
    {"a hash without a leaf",
	"log \"a\" { url = \"file:///a\" " KEY "known_bad = {\":" HASH "\"} }",
	"c:1: known_bad: \":" HASH "\" is no leaf; write \"INDEX:HASH\", the hash that "
	"the tree holds there as 64 hex digits"},
    {"a list from nowhere", "log_list \"a\" {}",
	"c:1: url: missing (the list's address); write url = \"...\""},
    {"a list from two places", "log_list \"a\" { url = \"https://a/\" file = b }",
	"c:1: url and file: write only one of them"},
    {"a signature without a key", "log_list \"a\" { file = b signature = c }",
	"c:1: key_file: missing (the key of that signature in a file, PEM or "
	"DER); write "
	"key_file = \"...\""},
    {"a key without a signature", "log_list \"a\" { file = b key_file = c }",
	"c:1: signature: missing (address or file of the list's signature); "
	"write "
	"signature = "
	"\"...\""},
    {"an unknown state", "log_list \"a\" { file = b states = {usable, good} }",
	"c:1: states: \"good\" is not known; write one of: none pending qualified "
	"usable "
	"readonly "
	"retired rejected"},
    {"an empty item", "checks {\n disable = {\n  \"\" } }",
	"c:3: disable: an empty item; leave it out"},
    {"two checks blocks", "checks {}\nchecks {}",
	"c:2: a second checks block; write all of it into one"},
    {"a CA that is nobody", "ca \"A\" { state = idle }",
	"c:1: nothing says which CA it is; write spki, certificates, subject or "
	"organization"},
    {"a key hash cut short", "ca \"A\" { spki = {0123} }",
	"c:1: spki: \"0123\" is no SHA-256; write 64 hex digits, of openssl pkey "
	"-pubin "
	"-outform DER | sha256sum"},
    {"a distrust without its mode",
	"ca \"A\" { spki = {" SPKI "} distrust = {\"Mozilla "
	"2016-10-21\"} }",
	"c:1: distrust: write \"Mozilla nb 2016-10-21\": program, nb, sct or "
	"logged, "
	"date"},
    {"a program that came thrice",
	"ca \"A\" { spki = {" SPKI
	"} programs = {\"Apple 2016-01-01 2017-01-01 2018-01-01\"} }",
	PROGRAM_WORDS},
    {"a program that went before it came",
	"ca \"A\" { spki = {" SPKI "} programs = {\"Mozilla 2016-01-01 2016-01-01\"} }",
	PROGRAM_WORDS},
    {"a claim without its count",
	"ca \"A\" { spki = {" SPKI "} claims = {\"issued 2015-01-01 2016-01-01\"} }",
	CLAIM_WORDS},
    {"a holiday that is no date",
	"ca \"A\" { spki = {" SPKI "} holidays = {\"2016-02-30\"} }",
	"c:1: holidays: write \"2016-02-08\", a date for each day"},
    {"claims that end before they begin",
	"ca \"A\" { spki = {" SPKI "} claims = {\"issued 2016-01-01 2015-01-01 5\"} }",
	CLAIM_WORDS},
    {"a claim about nothing known",
	"ca \"A\" { spki = {" SPKI "} claims = {\"sold 2015-01-01 2016-01-01 5\"} }",
	CLAIM_WORDS},
    {"a claim's tolerance without its sign",
	"ca \"A\" { spki = {" SPKI "} claims = {\"issued 2015-01-01 2016-01-01 5 5\"} }",
	CLAIM_WORDS},
    {"a promise nobody knows",
	"ca \"A\" { spki = {" SPKI "} commitments = {\"be good\"} }",
	"c:1: commitments: write \"embedded-sct 2016-07-05\", with a second date "
	"where "
	"it "
	"ended"},
    {"no time zone", "ca \"A\" { time_zone = CST }",
	"c:1: time_zone: \"CST\" is no offset; write it as \"+08:00\""},
    {"a webhook to nowhere", "webhook \"w\" {}",
	"c:1: url: missing (where alerts are posted); write url = \"...\""},
    {"two sinks of one name", "syslog \"s\" {}\nwebhook \"s\" { url = \"https://a/\" }",
	"c:2: a syslog block has this name; give each sink a name of its own"},
    {"an include from memory", "include = \"/etc/passwd\"",
	"c:1: include: /etc/passwd: not possible here"},
    {"a file of domains from memory", "domains \"a\" { file = \"/etc/passwd\" }",
	"c:1: file: not possible here"},
};

START_TEST(is_refused)
{
	struct conf conf;
	struct err err = {0};

	ck_assert_msg(!conf_parse(bytes_text(REFUSED[_i].text), "c", &conf, &err),
	    "%s: taken", REFUSED[_i].what);
	ck_assert_msg(strcmp(err.text, REFUSED[_i].says) == 0, "%s: %s", REFUSED[_i].what,
	    err.text);
	ck_assert_int_eq(err.code, ERR_CONFIG);
	/* libconfuse keeps its lexer in globals: nothing of this may be left there. */
	ck_assert(conf_parse(bytes_text("poll = 61"), "c", &conf, &err));
	ck_assert_int_eq(conf.poll_s, 61);
	conf_free(&conf);
}
END_TEST

static struct conf
parsed(const char *text)
{
	struct conf conf;
	struct err err = {0};

	ck_assert_msg(conf_parse(bytes_text(text), "c", &conf, &err), "%s", err.text);
	return conf;
}

START_TEST(defaults)
{
	struct conf conf = parsed("");

	ck_assert_str_eq(conf.state_dir, "/var/lib/ctwarden");
	ck_assert_str_eq(conf.database, "/var/lib/ctwarden/ctwarden.db");
	ck_assert_ptr_null(conf.pid_file);
	ck_assert_int_eq(conf.store, CONF_STORE_MATCHED);
	ck_assert_int_eq(conf.poll_s, 60);
	ck_assert_int_eq(conf.start.kind, CONF_START_TIP);
	ck_assert_int_eq(conf.keep_delivered_s, 90 * 86400);
	ck_assert_int_eq(conf.checks.dates, CONF_DATES_SIGN);
	ck_assert_int_eq(conf.checks.backdate_grace_s, 48 * 3600);
	ck_assert(conf.checks.require_verified);
	ck_assert_int_eq(conf.checks.max_san, 100);
	ck_assert_int_eq(conf.checks.tenant_learn, 50);
	ck_assert_int_eq(conf.checks.tenant_window_s, 7 * 86400);
	ck_assert_int_eq(conf.checks.serial_slack, 8);
	ck_assert_int_eq(conf.checks.serial_population, 30);
	ck_assert_int_eq(conf.checks.watched_an_hour, 20);
	ck_assert(!conf.checks.shared_factors);
	ck_assert_int_eq(conf.checks.min_orgs, 2);
	ck_assert_int_eq(conf.checks.cdn_domains, 20);
	ck_assert_int_eq(conf.checks.profile_min, 200);
	ck_assert_int_eq(conf.checks.profile_rare, 1000);
	ck_assert_int_eq(conf.checks.profile_settled, 100);
	ck_assert_uint_eq(conf.log_count + conf.domains_count + conf.syslog_count, 0);
	conf_free(&conf);
	conf_free(&conf);
}
END_TEST

START_TEST(durations)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} ROWS[] = {{"poll = 10", 10}, {"poll = 90s", 90}, {"poll = \"5m\"", 300},
	    {"poll = 2h", 7200}, {"poll = 1d", 86400}};

	for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct conf conf = parsed(ROWS[i].text);

		ck_assert_int_eq(conf.poll_s, ROWS[i].seconds);
		conf_free(&conf);
	}
}
END_TEST

START_TEST(logs)
{
	struct conf conf = parsed(
	    "start = \"since 2016-01-04\" poll = 120\n"
	    "unproved_start = yes\n"
	    "log \"one\" { url = \"https://one.example/\" key = AAAA\n"
	    "  # a comment, with a brace }\n"
	    "  kind = rfc6962 }\n"
	    "\n"
	    "log \"two\"\n"
	    "{ url = \"file:///srv/two\" key_file = \"/k.pem\"\n"
	    "  start = 12 poll = 10 unproved_start = no mmd = 60\n"
	    "  known_bad = { \"7:" HASH "\", // seven\n"
	    "    /* and */ \"1099511627775:" HASH "\", }\n"
	    "}\n"
	    "log_list \"l\" { file = list.json states = usable start = genesis }\n");

	ck_assert_uint_eq(conf.log_count, 2);
	ck_assert_str_eq(conf.logs[0].name, "one");
	ck_assert_int_eq(conf.logs[0].where.line, 3);
	ck_assert_int_eq(conf.logs[0].kind, CONF_LOG_RFC6962);
	ck_assert_int_eq(conf.logs[0].start.kind, CONF_START_SINCE);
	ck_assert_int_eq(conf.logs[0].start.since_ms, INT64_C(1451865600000));
	ck_assert_int_eq(conf.logs[0].poll_s, 120);
	ck_assert_int_eq(conf.logs[0].mmd_s, 0);
	ck_assert(conf.logs[0].unproved_start);
	ck_assert_int_eq(conf.logs[1].where.line, 8);
	ck_assert_str_eq(conf.logs[1].where.file, "c");
	ck_assert_str_eq(conf.logs[1].key_file, "/k.pem");
	ck_assert_int_eq(conf.logs[1].start.kind, CONF_START_INDEX);
	ck_assert_uint_eq(conf.logs[1].start.index, 12);
	ck_assert_int_eq(conf.logs[1].poll_s, 10);
	ck_assert(!conf.logs[1].unproved_start);
	ck_assert_uint_eq(conf.logs[1].known_bad.count, 2);
	ck_assert_str_eq(conf.logs[1].known_bad.items[1], "1099511627775:" HASH);
	ck_assert_uint_eq(conf.log_list_count, 1);
	ck_assert_str_eq(conf.log_lists[0].file, "list.json");
	ck_assert_uint_eq(conf.log_lists[0].states.count, 1);
	ck_assert_int_eq(conf.log_lists[0].start.kind, CONF_START_GENESIS);
	ck_assert_int_eq(conf.log_lists[0].refresh_s, 3600);
	conf_free(&conf);
}
END_TEST

START_TEST(operators)
{
	struct conf conf = parsed("operator \"Slow\" { requests_per_minute = 9\n"
				  "requests_in_flight = 1 }\noperator \"Any\" {}\n"
				  "log \"a\" { url = \"https://a/\" " KEY
				  "kind = rfc6962\ntiles = \"https://b/\"\n"
				  "archived = yes }");

	ck_assert_uint_eq(conf.operator_count, 2);
	ck_assert_str_eq(conf.operators[0].name, "Slow");
	ck_assert_int_eq(conf.operators[0].requests_per_minute, 9);
	ck_assert_int_eq(conf.operators[0].requests_in_flight, 1);
	ck_assert_int_eq(conf.operators[1].requests_per_minute, 0);
	ck_assert_int_eq(conf.operators[1].requests_in_flight, 0);
	ck_assert_str_eq(conf.logs[0].tiles, "https://b/");
	ck_assert(conf.logs[0].archived);
	ck_assert_int_eq(conf.logs[0].start.kind, CONF_START_GENESIS);
	conf_free(&conf);
}
END_TEST

START_TEST(watches)
{
	struct conf conf = parsed(
	    "domain \"example.org\" { allowed_issuers = {\"Let's Encrypt\", WoSign} }\n"
	    "domain \"b\xc3\xbc"
	    "cher.example\" { profiles = {ov, ev} quota = 3 suppress = \"CDN\" }\n"
	    "ca \"WoSign\" {\n"
	    "  spki = {" SPKI "}\n"
	    "  subject = { \"CN=CA "
	    "\xe6\xb2\x83\xe9\x80\x9a\xe6\xa0\xb9\xe8\xaf\x81\xe4\xb9\xa6, O=WoSign CA "
	    "Limited, C=CN\" }\n"
	    "  organization = \"WoSign CA Limited\"\n"
	    "  state = distrusted time_zone = \"+08:00\" idle_since = 2016-10-21\n"
	    "  programs = {Apple, \"Mozilla 2009-01-01 2016-10-21\"}\n"
	    "  customers_outside = {Microsoft}\n"
	    "  distrust = {\"Mozilla nb 2016-10-21\", \"Chrome sct 2016-10-21\"}\n"
	    "  commitments = {\"embedded-sct 2016-07-05\", \"embedded-sct 2015-01-01 "
	    "2016-01-01\", \"no-issuance 2016-10-21\"}\n"
	    "  holidays = {\"2016-01-01\", \"2016-02-08\"}\n"
	    "  holiday_file = \"/days\"\n"
	    "  claims = {\"issued 2015-01-01 2016-01-01 101485\", "
	    "\"failed.duplicate-serial 2015-01-01 2016-01-01 340 5%\"}\n"
	    "}\n");

	ck_assert_uint_eq(conf.domains_count, 2);
	ck_assert_uint_eq(conf.domains[0].count, 1);
	ck_assert_str_eq(conf.domains[0].names[0].text, "example.org");
	ck_assert_uint_eq(conf.domains[0].allowed_issuers.count, 2);
	ck_assert_str_eq(conf.domains[0].allowed_issuers.items[0], "Let's Encrypt");
	ck_assert_int_eq(conf.domains[1].where.line, 2);
	ck_assert_uint_eq(conf.domains[1].profiles.count, 2);
	ck_assert_str_eq(conf.domains[1].profiles.items[1], "ev");
	ck_assert_int_eq(conf.domains[1].quota, 3);
	ck_assert_str_eq(conf.domains[1].suppress.items[0], "CDN");
	ck_assert_uint_eq(conf.domains[0].profiles.count, 0);
	ck_assert_uint_eq(conf.ca_count, 1);
	ck_assert_int_eq(conf.cas[0].state, CONF_CA_DISTRUSTED);
	ck_assert_int_eq(conf.cas[0].time_zone_minutes, 480);
	ck_assert_int_eq(conf.cas[0].idle_since_s, 1477008000);
	ck_assert_uint_eq(conf.cas[0].distrust_count, 2);
	ck_assert_str_eq(conf.cas[0].distrust[1].program, "Chrome");
	ck_assert_int_eq(conf.cas[0].distrust[1].mode, CONF_DISTRUST_SCT);
	ck_assert_int_eq(conf.cas[0].distrust[1].date_s, 1477008000);
	ck_assert_uint_eq(conf.cas[0].program_count, 2);
	ck_assert_str_eq(conf.cas[0].programs[0].name, "Apple");
	ck_assert_int_eq(conf.cas[0].programs[0].until_s, 0);
	ck_assert_int_eq(conf.cas[0].programs[1].from_s, 1230768000);
	ck_assert_int_eq(conf.cas[0].programs[1].until_s, 1477008000);
	ck_assert_str_eq(conf.cas[0].customers_outside.items[0], "Microsoft");
	ck_assert_uint_eq(conf.cas[0].claim_count, 2);
	ck_assert_uint_eq(conf.cas[0].holiday_count, 2);
	ck_assert_int_eq(conf.cas[0].holidays[1], 16839);
	ck_assert_str_eq(conf.cas[0].holiday_file, "/days");
	ck_assert_int_eq(conf.cas[0].claims[0].count, 101485);
	ck_assert_int_eq(conf.cas[0].claims[0].until_s, 1451606400);
	ck_assert_str_eq(conf.cas[0].claims[1].metric, "failed.duplicate-serial");
	ck_assert_int_eq(conf.cas[0].claims[1].tolerance_percent, 5);
	ck_assert_uint_eq(conf.cas[0].commitment_count, 3);
	ck_assert_int_eq(conf.cas[0].commitments[2].kind, CONF_COMMITMENT_NO_ISSUANCE);
	ck_assert_int_eq(conf.cas[0].commitments[0].from_s, 1467676800);
	ck_assert_int_eq(conf.cas[0].commitments[0].until_s, 0);
	ck_assert_int_eq(conf.cas[0].commitments[1].until_s, 1451606400);
	conf_free(&conf);
}
END_TEST

START_TEST(sinks_and_checks)
{
	struct conf conf =
	    parsed("syslog \"s\" { address = \"tls://log.example:6514\" "
		   "facility = local3 level = error }\n"
		   "syslog \"t\" {}\n"
		   "webhook \"w\" { url = \"https://hook.example/\" "
		   "secret_file = \"/s\" give_up = 2d\n"
		   "  only = {backdated-vs-sct} }\n"
		   "checks { disable = {serial-too-long, cross-sign} "
		   "dates = nb optional_rules = yes\n"
		   "  test_words = {\"pilot run\"} allow_suffixes = {bmw} "
		   "max_san = 50 tenant_learn = 9 tenant_window = 1d\n"
		   "  watched_an_hour = 3 serial_slack = 6 serial_population = 90\n"
		   "  min_orgs = 3 cdn_domains = 30 shared_factors = yes }\n");

	ck_assert_uint_eq(conf.syslog_count, 2);
	ck_assert_str_eq(conf.syslogs[0].address, "tls://log.example:6514");
	ck_assert_int_eq(conf.syslogs[0].facility, 19);
	ck_assert_int_eq(conf.syslogs[0].sink.level, CONF_LEVEL_ERROR);
	ck_assert_str_eq(conf.syslogs[1].address, "unix:/dev/log");
	ck_assert_int_eq(conf.syslogs[1].facility, 3);
	ck_assert_int_eq(conf.syslogs[1].sink.give_up_s, 7 * 86400);
	ck_assert_uint_eq(conf.webhook_count, 1);
	ck_assert_int_eq(conf.webhooks[0].sink.give_up_s, 2 * 86400);
	ck_assert_str_eq(conf.webhooks[0].sink.only.items[0], "backdated-vs-sct");
	ck_assert_uint_eq(conf.checks.disable.count, 2);
	ck_assert_int_eq(conf.checks.dates, CONF_DATES_NB);
	ck_assert(conf.checks.optional_rules);
	ck_assert_uint_eq(conf.checks.test_words.count, 1);
	ck_assert_str_eq(conf.checks.test_words.items[0], "pilot run");
	ck_assert_str_eq(conf.checks.allow_suffixes.items[0], "bmw");
	ck_assert_int_eq(conf.checks.max_san, 50);
	ck_assert_int_eq(conf.checks.tenant_learn, 9);
	ck_assert_int_eq(conf.checks.tenant_window_s, 86400);
	ck_assert_int_eq(conf.checks.watched_an_hour, 3);
	ck_assert_int_eq(conf.checks.serial_slack, 6);
	ck_assert_int_eq(conf.checks.serial_population, 90);
	ck_assert(conf.checks.shared_factors);
	ck_assert_int_eq(conf.checks.min_orgs, 3);
	ck_assert_int_eq(conf.checks.cdn_domains, 30);
	conf_free(&conf);
}
END_TEST

/* --- files ----------------------------------------------------------------- */

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	fclose(file);
}

static struct err
load_fails(const char *path)
{
	struct conf conf;
	struct err err = {0};

	ck_assert(!conf_load(path, &conf, &err));
	return err;
}

START_TEST(includes_and_names)
{
	char *top = unit_temp("top.conf"), *more = unit_temp("more.conf"),
	     *names = unit_temp("names"), *says;
	struct conf conf;
	struct err err = {0};

	write_file(top,
	    "include = \"mor?.conf\"\ninclude = \"none*.conf\"\n"
	    "domain \"one.example\" {}\n");
	write_file(more,
	    "state_dir = state\ndomains \"many\" { file = names\n"
	    " allowed_issuers = {A} }\n");
	write_file(
	    names, "# ours\n two.example \n\nthree.example # old\n*.four.example\r\n");
	ck_assert_msg(conf_load(top, &conf, &err), "%s", err.text);
	ck_assert_str_eq(strrchr(conf.state_dir, '/'), "/state");
	ck_assert_uint_eq(conf.domains_count, 2);
	ck_assert_str_eq(conf.domains[1].title, "many");
	ck_assert_uint_eq(conf.domains[1].count, 3);
	ck_assert_str_eq(conf.domains[1].names[0].text, "two.example");
	ck_assert_str_eq(conf.domains[1].names[1].text, "three.example");
	ck_assert_str_eq(conf.domains[1].names[2].text, "*.four.example");
	ck_assert_int_eq(conf.domains[1].names[2].line, 5);
	ck_assert_str_eq(conf.domains[1].file, names);
	conf_forget_names(&conf);
	ck_assert_uint_eq(conf.domains_count, 2);
	ck_assert_uint_eq(conf.domains[1].count, 0);
	ck_assert_str_eq(conf.domains[1].title, "many");
	conf_free(&conf);

	write_file(names, "two.example\nthree example\n");
	err = load_fails(top);
	says = mem_format("%s:2: a blank inside a name; one name a line", names);
	ck_assert_str_eq(err.text, says);
	mem_free(says);

	write_file(more, "\npoll = 1\n");
	err = load_fails(top);
	says = mem_format("%s:2: poll: 1 is below 10 s; write at least poll = 10", more);
	ck_assert_str_eq(err.text, says);
	mem_free(says);

	write_file(more, "include = \"more.conf\"\n");
	err = load_fails(top);
	ck_assert_ptr_nonnull(
	    strstr(err.text, "the 101st file; does one include itself?"));

	write_file(top, "include = \"nowhere.conf\"\n");
	err = load_fails(top);
	ck_assert_ptr_nonnull(strstr(err.text, "top.conf:1: include: "));
	ck_assert_ptr_nonnull(strstr(err.text, "nowhere.conf: there is no such file"));
	mem_free(top);
	mem_free(more);
	mem_free(names);
}
END_TEST

START_TEST(files_that_are_none)
{
	char *top = unit_temp("top.conf");
	struct err err = load_fails("/nowhere/ctwarden.conf");

	ck_assert_str_eq(err.text,
	    "/nowhere/ctwarden.conf: cannot be opened: No such file or directory");
	err = load_fails("/dev");
	ck_assert_str_eq(err.text, "/dev: is no regular file");
	write_file(top, "domains \"d\" { file = \"/dev\" }\n");
	err = load_fails(top);
	ck_assert_ptr_nonnull(
	    strstr(err.text, "top.conf:1: file: /dev: is no regular file"));
	mem_free(top);
}
END_TEST

START_TEST(many_names)
{
	char *top = unit_temp("top.conf"), *names = unit_temp("names");
	FILE *file = fopen(names, "w");
	struct conf conf;
	struct err err = {0};

	for (int i = 0; i < 100000; i++)
		fprintf(file, "name%d.example\n", i);
	fclose(file);
	write_file(top, "domains \"d\" { file = names }\n");
	ck_assert_msg(conf_load(top, &conf, &err), "%s", err.text);
	ck_assert_uint_eq(conf.domains[0].count, 100000);
	ck_assert_str_eq(conf.domains[0].names[99999].text, "name99999.example");
	conf_free(&conf);
	mem_free(top);
	mem_free(names);
}
END_TEST

START_TEST(warnings)
{
	static const struct {
		const char *text;
		size_t count;
		const char *first;
	} ROWS[] = {
	    {"", 3, "c: no log is followed"},
	    {"domain \"a.example\" {} syslog \"s\" {} log_list \"l\" { url = "
	     "\"https://l/\" }",
		2, "c: contact is not set"},
	    {"domain \"a.example\" {} syslog \"s\" {} log \"l\" { url = "
	     "\"file:///l\" " KEY "}",
		0, NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct conf conf = parsed(ROWS[i].text);
		struct buf out;
		size_t count = 0;

		buf_init(&out, 4096);
		while (conf_warning(&conf, count, &out)) {
			if (count++ == 0)
				ck_assert_ptr_nonnull(
				    strstr(buf_text(&out), ROWS[i].first));
			buf_clear(&out);
		}
		ck_assert_uint_eq(count, ROWS[i].count);
		buf_free(&out);
		conf_free(&conf);
	}
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("conf");

	tcase_add_loop_test(tc, is_refused, 0, UNIT_COUNT(REFUSED));
	tcase_add_test(tc, defaults);
	tcase_add_test(tc, durations);
	tcase_add_test(tc, logs);
	tcase_add_test(tc, operators);
	tcase_add_test(tc, watches);
	tcase_add_test(tc, sinks_and_checks);
	tcase_add_test(tc, includes_and_names);
	tcase_add_test(tc, files_that_are_none);
	tcase_add_test(tc, many_names);
	tcase_add_test(tc, warnings);
	return unit_run("conf", tc);
}
