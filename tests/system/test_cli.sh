#!/bin/bash
# ctwarden answers from the database while ctwardend writes it and after it
# stopped, for people and for programs, with the exit statuses of ctwarden(1).
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"

ctwarden() { "$B/ctwarden" -c "$CONF" "$@"; }
# status_is WANTED ARGUMENTS...: the exit status; output in $WORK/said.
status_is() {
	local wanted=$1 got
	shift
	ctwarden "$@" >"$WORK/said" 2>&1
	got=$?
	[ "$got" -eq "$wanted" ] || { echo "exit $got, wanted $wanted"; cat "$WORK/said"; return 1; }
}
says() { grep -q -- "$1" "$WORK/said"; }
# json PATH... of the last answer
json() { "$TOOLS/jsonget" "$@" <"$WORK/said"; }

start_logserver --log "tiled:static" --log "classic:rfc6962" --incident tiled,classic,300
start_webhook
begin_conf
follow_list
cat >>"$CONF" <<-END
	news_since = 2015-01-01
	include = "$LOG_DIR/watch.conf"
END
webhook_sink

check "no database yet" status_is 3 status
check "what to do is said" says "start ctwardend"
check "no configuration" test "$("$B/ctwarden" -c "$WORK/none" logs 2>&1)" = \
    "ctwarden: $WORK/none: cannot be opened: No such file or directory"

start_daemon
level() { ctwarden --json logs | "$TOOLS/jsonget" logs.0.behind logs.1.behind coverage.entries_proved |
	awk '$1 == 0 && $2 == 0 && $3 > 600 { ok = 1 } END { exit !ok }'; }
check "both logs are read" wait_for 30 level

# --- while it runs ---------------------------------------------------------------

check "status" status_is 0 status
check "of the daemon" says '^Daemon  *follows 2 logs'
check "of the sinks" says '^Alerts  *hook: [0-9]* delivered'
check "and what is covered" says '^Covered: [0-9,]* entries of 2 of 2 logs'
check "status in JSON" status_is 0 --json status
check_equal "whose numbers are numbers" "$(json logs.read logs.level)" $'2\t2'
check "logs" status_is 0 logs
check "and how old the list is" says '^List server: read [0-9]* s ago, made '
check "a line each" test "$(grep -c usable "$WORK/said")" -eq 2

check "coverage" status_is 0 coverage
check "a range of each log" test "$(grep -c ' *0  *[0-9]* *1  20' "$WORK/said")" -ge 2
check "its sum" says '^Covered: [0-9,]* entries of 2 of 2 logs'
check "coverage of a family" status_is 0 coverage --ca "WoSign (re-creation)" --log "$(ctwarden --json logs | "$TOOLS/jsonget" logs.1.name)"
check "as it is now" says 'judged for the family as it is now'
check "of no CA" status_is 1 coverage --ca nobody
check "of a time without entries" status_is 1 coverage --from 2100-01-01

check "rates" status_is 0 rates --ca "WoSign (re-creation)" --to 2016-01-01
check "of what was issued" says ' issued  *[1-9]'
check "and of what fails" says ' sha1-after-sunset  *[1-9][0-9]*  *[0-9.]* %  *[0-9.]* % to [0-9.]* %'
check "by month in JSON" status_is 0 --json rates --by month --split sigalg
check_equal "from the first" "$(json rates.0.name)" issued
check "of nobody" status_is 1 rates --issuer nobody
check "says what it covers" says '^Covered: [0-9,]* entries of 2 of 2 logs'
check "of a CA without a block" status_is 2 rates --ca nobody
check "by no period" status_is 2 rates --by week

check "search" status_is 0 search githost.example
check "lists certificates" says 'githost.example  *WoSign'
check "search in JSON" status_is 0 search --json githost.example
number=$(json certificates.0.certificate)
check "search below only" status_is 0 search login.githost.example
check "a wildcard's neighbour is found" says '\*\.githost'
check "not by an exact name" status_is 0 search --exact githost.example
check_not "nothing else" says login
check "a watched name without certificates" status_is 1 search nothing.bank.example --exact
check "says what is covered" says '^No certificate for nothing.bank.example found. Covered: '
check "a name that nobody watches" status_is 1 search unwatched.test
check "says that this says nothing" says 'It is not watched, so this says nothing'
check "no name at all" status_is 2 search
check "two lines of a list" status_is 0 search -n 2 githost.example
check_equal "and the heading" "$(wc -l <"$WORK/said")" 3

check "findings" status_is 0 findings
check "with their certificate" says 'issued by .*WoSign'
check "findings in JSON" status_is 0 --json findings --level error --check sha1-after-sunset
check_equal "only those" "$(json findings.0.check findings.0.level)" $'sha1-after-sunset\terror'
finding=$(json findings.0.id)
check "a finding" status_is 0 show "$finding"
check "with its evidence" says '^Evidence'
check "findings of a log" status_is 0 findings --log "$(ctwarden --json logs | "$TOOLS/jsonget" logs.1.name)" -n 1
check "of no log" status_is 1 findings --log nowhere
check "since tomorrow" status_is 1 findings --since 2100-01-01
check "none is said with what is covered" says '^No findings found. Covered: '
check "a level that is none" status_is 2 findings --level bad
check "a date that is none" status_is 2 findings --since yesterday
check "an unknown flag" status_is 2 findings --loud

check "a certificate" status_is 0 show "$number"
check "with where it was logged" says '^  .* entry [0-9]*, 20'
hash=$(sed -n 's/^\(pre\)*certificate \([0-9a-f]\{64\}\),.*/\2/p' "$WORK/said" | head -n 1)
check "the same by its hash" status_is 0 show "$hash"
check "in JSON" status_is 0 show --json "$hash"
check_equal "that one" "$(json certificate)" "$number"
check "in PEM" status_is 0 show --pem "$hash"
check "which is one" openssl x509 -in "$WORK/said" -noout
check_equal "the very same" "$(openssl x509 -in "$WORK/said" -outform DER | sha256sum | cut -d' ' -f1)" "$hash"
check "an id of nothing" status_is 1 show 00000000000000000000000000000000
check "no id" status_is 2 show zz

check "alerts" status_is 0 --json alerts
delivered() { ctwarden --json alerts | "$TOOLS/jsonget" alerts.0.state >/dev/null; }
check "can be listed by sink" status_is 1 alerts --sink nobody
alert=$(ctwarden --json alerts | "$TOOLS/jsonget" alerts.0.alert)
check "an alert" status_is 0 show "$alert"
check "is sent again by the daemon" status_is 0 alerts resend "$alert"
told=$(sql "SELECT alert FROM outbox WHERE kind = 'finding' LIMIT 1")
check "its evidence is that of what it told" status_is 0 evidence -o "$WORK/proof" "$told"
check_equal "the finding's" "$(grep -o '"id": "[0-9a-f]*"' "$WORK/proof/manifest.json")" \
    "\"id\": \"$(sql "SELECT id FROM finding WHERE number = (SELECT
	json_extract(payload, '$.database_id') FROM outbox WHERE alert = X'$told')")\""
check "which holds" status_is 0 verify "$WORK/proof"
all_hold() { # the newest finding of each check on a certificate
	local id
	for id in $(sql "SELECT id FROM finding WHERE number IN (SELECT MAX(number)
	    FROM finding WHERE certificate <> 0 AND proof <> '' GROUP BY check_id)"); do
		rm -rf "$WORK/each"
		status_is 0 evidence -o "$WORK/each" "$id" && status_is 0 verify "$WORK/each" ||
			{ cat "$WORK/each/manifest.json"; return 1; }
	done
}
check "so does that of every check" all_hold
pair() { # two certificates under one serial number
	status_is 0 evidence -o "$WORK/pair" "$(sql "SELECT id FROM finding
	    WHERE check_id = 'duplicate-serial' LIMIT 1")" && status_is 0 verify "$WORK/pair" &&
		openssl x509 -inform DER -in "$WORK/pair/certificate.der" -noout -serial >"$WORK/one" &&
		openssl x509 -inform DER -in "$WORK/pair/member-1.der" -noout -serial >"$WORK/two" &&
		cmp "$WORK/one" "$WORK/two" && ! cmp -s "$WORK/pair/certificate.der" "$WORK/pair/member-1.der"
}
check "a pair's other certificate stands beside it" pair
check "an alert that is none" status_is 1 alerts resend 00000000000000000000000000000000
check "none was given up" status_is 1 alerts resend all
check "an id that is none" status_is 2 alerts resend 12
check "events" status_is 1 events --since 2100-01-01

# --- hostile bytes ----------------------------------------------------------------

ctwarden findings >"$WORK/all"
for id in $(ctwarden --json findings | "$TOOLS/jsonget" findings.0.id); do ctwarden show "$id"; done >>"$WORK/all"
for name in bank.example githost.example; do ctwarden search $name; done >>"$WORK/all"
check_not "no control characters" grep -qaP '[\x00-\x08\x0b-\x1f\x7f]' "$WORK/all"

# --- without the daemon -----------------------------------------------------------

stop daemon
check "it still answers" status_is 0 status
check "and says that the daemon is gone" says '^Daemon  *does not run'
check "an alert is sent again without it" status_is 0 alerts resend "$alert"
check "by a command that a daemon waits for" held_as_command
check "and waits" test "$(ctwarden --json alerts | grep -o '"state":"waiting"' | wc -l)" -ge 1

# --- lint and checks ---------------------------------------------------------------

sed -n '/BEGIN/,/END/p' "$LOG_DIR/wosign-root.pem" >"$WORK/root.pem"
check "lint of a good file" status_is 0 lint --only sha1-after-sunset "$WORK/root.pem"
ctwarden show --pem "$(ctwarden --json findings --check sha1-after-sunset --level error |
	"$TOOLS/jsonget" findings.0.certificate)" >"$WORK/sha1.pem"
check "lint of a bad one" status_is 1 lint --dates none "$WORK/sha1.pem"
check "names the rule and its source" says 'sha1-after-sunset/subscriber: .*\[BR 7.1.3'
check "lint in JSON" status_is 1 lint --json --dates none --only sha1-after-sunset "$WORK/sha1.pem"
check_equal "one object a line" "$(json index error findings.0.check findings.0.level | head -n 1)" \
    $'0\tnull\tsha1-after-sunset\terror'
check "from standard input" test "$("$B/ctwarden" lint --level error --only sha1-after-sunset - \
    <"$WORK/root.pem" | tail -n 1)" = "1 certificates judged: 0 errors, 0 warnings, 0 notices"
echo nothing >"$WORK/nothing"
check "what is no certificate" status_is 3 lint "$WORK/nothing" "$WORK/root.pem"
check "is said" says 'nothing:0: holds no certificate'
check "a file that is not there" status_is 3 lint "$WORK/missing"
openssl x509 -in "$WORK/root.pem" -noout -pubkey | openssl pkey -pubin -outform DER |
	sha256sum | cut -c 1-64 >"$WORK/keys"
check "no list of keys" status_is 0 lint --only compromised-key "$WORK/root.pem"
check "with one" status_is 1 lint --only compromised-key \
    --data "blocked-keys=$WORK/keys" "$WORK/root.pem"
echo nonsense >>"$WORK/keys"
check "with a broken one" status_is 3 lint --data "blocked-keys=$WORK/keys" "$WORK/root.pem"
check "whose line is told" says "$WORK/keys: line 2: \"nonsense\""
check "of no known kind" status_is 2 lint --data "keys=$WORK/keys" "$WORK/root.pem"
check "an unknown check" status_is 2 lint --only nothing "$WORK/root.pem"
check "no file" status_is 2 lint
check "checks" status_is 0 checks
check "one check" status_is 0 checks sha1-after-sunset
check "with its source" says 'source  BR 7.1.3'
check "and from when on there is none" says 'limits  none from 2026-09-15'
check "one about long times" status_is 0 checks ca-backdated
check "which are told in days" says 'limits  seconds 789004800 (9132 d)'
check "checks in JSON" status_is 0 checks --json
check "is an object" test "$(json checks#)" -gt 10
check "no such check" status_is 1 checks nothing
check "no command" status_is 2
check "an unknown command" status_is 2 dance
finish
