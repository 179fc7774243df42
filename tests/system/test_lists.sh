#!/bin/bash
# Log lists: two of them merged by log id, asked for conditionally, the last good
# one kept, every change an event, and lists that are not to be believed.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"

said() { grep -qE "$1" "$WORK/daemon.out"; }
reload() { kill -HUP "${PIDS[daemon]}"; }
# A list is read again at once: the validators of the kept one go along.
again() {
	local times
	times=$(grep -c '^reloaded ' "$WORK/daemon.out")
	reload
	wait_for 10 sh -c "[ \$(grep -c '^reloaded ' '$WORK/daemon.out') -gt $times ]"
}
moments() { # KIND: how many there are
	sql "SELECT COUNT(*) FROM event WHERE kind = '$1' AND end_ms = begin_ms"
}
has_moments() { [ "$(moments "$1")" = "$2" ]; }
list_fine() {
	[ "$(sql "SELECT COUNT(*) FROM event WHERE kind = 'list-failed' AND end_ms IS NULL")" = 0 ]
}
followed() { sql "SELECT COUNT(*) FROM range"; }
unchanged() { [ "$(served /files/log_list.json 304)" = "$1" ]; }
served() { grep -c "GET $1 $2" "$LOG_ACCESS"; }

start_logserver --log "one:static,entries=40" --log "two:rfc6962,entries=40" \
    --log "three:static,entries=40,state=pending" \
    --log "dead:static,entries=40,state=rejected" \
    --log "four:static,entries=3" --log "five:static,entries=3" \
    --log "six:static,entries=3" --log "seven:static,entries=3" \
    --log "unsaid:static,entries=5,state=unlisted" \
    --log "trial:static,entries=5,state=unlisted" \
    --log "mirror:rfc6962,entries=5,state=unlisted" \
    --log "both:rfc6962,entries=700,max=64,state=unlisted" \
    --log "hollow:static,entries=3,state=unlisted" \
    --log "mimic:static,entries=3,state=unlisted"
tell_log "both serve both" >/dev/null
# Mozilla's form of the list: fewer logs, no addresses, no delays, all states so far.
log_key() { # NAME: its key, for which the log server is asked
	[ -s "$LOG_DIR/$1.key" ] || tell_log "key $1" | sed 's/^ok *//' >"$LOG_DIR/$1.key"
	cat "$LOG_DIR/$1.key"
}
identity() { # NAME: the members that say which log it is
	local key
	key=$(log_key "$1")
	printf '{"description":"%s","log_id":"%s","key":"%s",' "$1" \
	    "$(base64 -d <<<"$key" | openssl dgst -sha256 -binary | base64 -w 0)" "$key"
}
mozilla_log() { # NAME
	identity "$1"
	printf '"url":"","mmd":0,'
	printf '"state":{"qualified":{"timestamp":"2015-01-01T00:00:00Z"},'
	printf '"usable":{"timestamp":"2016-01-01T00:00:00Z"}}}'
}
printf '{"log_list_timestamp":"2020-01-01T00:00:00Z","operators":[{"name":"Test operator",
    "logs":[%s],"tiled_logs":[%s]}]}\n' "$(mozilla_log two)" "$(mozilla_log one)" \
    >"$LOG_DIR/mozilla.json"

begin_conf
cat >>"$CONF" <<-END
log_list "mozilla" {
	url = "$LOG_URL/files/mozilla.json"
	poll = 10
	start = genesis
}
log_list "google" {
	url = "$LOG_URL/files/log_list.json"
	signature = "$LOG_URL/files/log_list.sig"
	key_file = "$LOG_DIR/list-key.pem"
	states = { pending, usable, readonly, retired }
	poll = 10
	start = genesis
}
END
watch_domain nowhere.example
check "the configuration is good" "$B/ctwardend" -n -c "$CONF"
start_daemon
check "a log that one list knows without its address is read by the other's" \
    wait_for 20 read_to one 40
check "of the other protocol too" wait_for 20 read_to two 40
check "so is one that only one list names" wait_for 20 read_to three 40
check_equal "a rejected one is not" "$(followed)" 7
check_equal "who names a log, and how, stands with it" \
    "$(sql "SELECT sources FROM log WHERE name LIKE '%one'")" \
    '[{"list":"mozilla","state":"usable"},{"list":"google","state":"usable"}]'
check_equal "a first view is no news" "$(moments log-listed)" 0
check "a list of years ago is told" wait_for 5 said 'list mozilla: it is [0-9]+ days old'
check_equal "as an event" \
    "$(sql "SELECT COUNT(*) FROM event WHERE kind = 'list-stale' AND subject = 'mozilla'")" 1
check "the last good lists are kept" test -s "$WORK/state/list-google.json" \
    -a -s "$WORK/state/list-google.sig" -a -s "$WORK/state/list-mozilla.json"
check "each request says who asks, and where to write" \
    [ "$(grep -c 'ctwarden/[0-9.]* (+tests@ctwarden.example.net)$' "$LOG_ACCESS")" = \
    "$(wc -l <"$LOG_ACCESS")" ]
check_equal "the first answer was whole" "$(served /files/log_list.json 200)" 1
again
check "the next is asked for conditionally" wait_for 10 unchanged 1
stop daemon
start_daemon
check "after a restart as well" wait_for 10 unchanged 2
check_equal "and nothing of all that is news" \
    "$(sql "SELECT COUNT(*) FROM event WHERE kind LIKE 'log-%'")" 0

tell_log "state one readonly" >/dev/null
tell_log "state three usable" >/dev/null
tell_log "state four rejected" >/dev/null
tell_log write-list >/dev/null
again
check "states that change are events" wait_for 10 has_moments log-state 3
check_equal "with their evidence" "$(sql "SELECT json_extract(evidence, '$.list') || ' ' ||
    json_extract(evidence, '$.old.state') || ' ' || json_extract(evidence, '$.new.state')
    FROM event e JOIN log l ON l.number = e.log
    WHERE e.kind = 'log-state' AND l.name LIKE '%one'")" "google usable readonly"

# --- a local list with all that a list may hold -------------------------------------------

odd_log() { # NAME URL MORE
	identity "$1"
	printf '"mmd":60,"submission_url":"https://log.example/%s/","monitoring_url":"%s"%s}' \
	    "$1" "$2" "$3"
}
odd_plain() { # NAME URL MORE
	identity "$1"
	printf '"mmd":86400,"url":"%s"%s}' "$2" "$3"
}
USABLE=',"state":{"usable":{"timestamp":"2025-01-01T00:00:00Z"}}'
RETIRED=',"state":{"retired":{"timestamp":"2025-01-01T00:00:00Z"}}'
printf '{"operators":[{"name":"Odd","logs":[%s,%s,{"description":"broken","key":"AA"},7],
    "tiled_logs":[%s,%s,%s,%s]}]}\n' \
    "$(odd_plain mirror "$LOG_URL/mirror/" ",\"log_type\":\"monitoring_only\"$USABLE")" \
    "$(odd_plain both "$LOG_URL/both/" ",\"monitoring_url\":\"$LOG_URL/both/\"$USABLE")" \
    "$(odd_log unsaid "$LOG_URL/unsaid/" "")" \
    "$(odd_log trial "$LOG_URL/trial/" ",\"log_type\":\"test\"$USABLE")" \
    "$(odd_log hollow https://ct.example.com/hollow/ "$RETIRED")" \
    "$(odd_log mimic https://ct-mimics.example.com/mimic/ "$USABLE")" >"$WORK/odd.json"
odd_list() { # LINES...
	sed -i '/^log_list "odd"/,/^}/d' "$CONF"
	cat >>"$CONF" <<-END
	log_list "odd" {
		file = "$WORK/odd.json"
		poll = 10
		start = genesis
		$(printf '%s\n' "$@")
	}
	END
	again
}
ranges() { sql "SELECT group_concat(n) FROM (SELECT l.name AS n FROM range r JOIN log l
    ON l.number = r.log WHERE operator = 'Odd' ORDER BY n)"; }
odd_list "tiles = no"
check "of a list with oddities the log that is one is read" wait_for 20 read_to both 700
check_equal "and nothing else" "$(ranges | sed 's|127[^,/]*/||g')" both
check_equal "by its own protocol" "$(grep -c 'GET /both/tile' "$LOG_ACCESS")" 0
check_equal "placeholders are known, mimics are not" \
    "$(sql "SELECT COUNT(*) FROM log WHERE monitoring_url LIKE '%example.com%'")" 1
odd_list "test_logs = yes" "monitoring_only = yes" "states = { none, usable }" "tiles = yes"
check "a test log is read when asked for" wait_for 20 read_to trial 5
check "so is one for monitoring only" wait_for 20 read_to mirror 5
check "so is one whose state is not said" wait_for 20 read_to unsaid 5
tell_log "both grow 800" >/dev/null
check "a log that has tiles is read on" wait_for 25 read_to both 1500
check "by them" wait_for 5 grep -q 'GET /both/tile/data/00[345] 200' "$LOG_ACCESS"
check_equal "placeholder and mimic are never asked" \
    "$(sql "SELECT COUNT(*) FROM tree_head h JOIN log l ON l.number = h.log
	WHERE l.monitoring_url LIKE '%example.com%'")" 0

# --- lists that are not believed --------------------------------------------------------

cp "$LOG_DIR/log_list.json" "$WORK/good.json"
unbelieved() { # WHAT TEXT: after the file was changed and signed
	tell_log sign-list >/dev/null
	again
	check "$1" wait_for 10 said "log list google: .*$2.*; the last good one stays in force"
	check_equal "and no log goes with it" "$(moments log-unlisted)" 0
	cp "$WORK/good.json" "$LOG_DIR/log_list.json"
	tell_log sign-list >/dev/null
	again
	check "it is read again" wait_for 10 list_fine
}
# Yesterday's from a cache: no news, and nothing of it is taken.
sed -i -E "s/\"log_list_timestamp\":\"[^\"]*\"/\"log_list_timestamp\":\"$(date -u -d '-1 day' +%FT%TZ)\"/
    s/usable/pending/" "$LOG_DIR/log_list.json"
tell_log sign-list >/dev/null
before=$(served /files/log_list.json 200) states=$(moments log-state)
again
once() { [ $(($(served /files/log_list.json 200) - before)) = 1 ]; }
check "a list that a cache still had is read" wait_for 5 once
check "and is no trouble" list_fine
check_equal "nor taken" "$(moments log-state)" "$states"
cp "$WORK/good.json" "$LOG_DIR/log_list.json"
sed -i -E 's/"log_list_timestamp":"[^"]*"/"log_list_timestamp":"2019-01-01T00:00:00Z"/' \
    "$LOG_DIR/log_list.json"
unbelieved "an older list" 'older than the one in force'
for name in one two three dead four; do tell_log "state $name unlisted" >/dev/null; done
tell_log write-list >/dev/null
unbelieved "a list that lost most of its logs" 'names 3 logs where 8 were named'
echo '<html>parked</html>' >"$LOG_DIR/log_list.json"
unbelieved "a page that is no list" ''

# List and signature that do not fit are asked for once more.
before=$(served /files/log_list.json 200)
echo >>"$LOG_DIR/log_list.json"
again
check "a signature that does not fit" wait_for 10 said 'google: .*signature is not the key'
twice() { [ $(($(served /files/log_list.json 200) - before)) = 2 ]; }
check "was asked for twice, with its list" wait_for 20 twice

# --- one log is unlisted, another moves -------------------------------------------------

tell_log "state one readonly" >/dev/null
for name in two three; do tell_log "state $name usable" >/dev/null; done
for name in dead four; do tell_log "state $name rejected" >/dev/null; done
tell_log "state seven unlisted" >/dev/null
tell_log write-list >/dev/null
sed -i -E 's|(127[^"]*/)five/"|\1six/"|' "$LOG_DIR/log_list.json"
tell_log sign-list >/dev/null
again
check "a log that is listed no more is told" wait_for 10 has_moments log-unlisted 1
check "one that moved is told" wait_for 10 has_moments log-url 1
check "and read where it is now, which is another log's place" \
    wait_for 15 event head-other-origin five
stop daemon
check_equal "it stops when told" $? 0

# --- a server that knows no ETag --------------------------------------------------------

start_another dated --no-etag --log "old:static,entries=5" --log "new:static,entries=5,state=rejected"
touch -d '2026-01-02 03:04:05' "$WORK/dated/log_list.json"
begin_conf
rm -rf "$WORK/state"
mkdir "$WORK/state"
cat >>"$CONF" <<-END
log_list "dated" {
	url = "${URL[dated]}/files/log_list.json"
	signature = "${URL[dated]}/files/log_list.sig"
	key_file = "$WORK/dated/list-key.pem"
	poll = 10
	start = genesis
}
END
LOG_ACCESS=$WORK/dated/access
start_daemon
check "its list is read" wait_for 20 read_to old 5
again
check "by its date it is asked for conditionally" wait_for 10 unchanged 1
stop daemon
start_daemon
check "after a restart as well" wait_for 10 unchanged 2
check_equal "it was read once" "$(served /files/log_list.json 200)" 1
tell dated "state new usable"
tell dated write-list
again
check "a list of another date is read" wait_for 20 read_to new 5
stop daemon
[ "$failed" = 0 ] || tail -n 60 "$WORK/daemon.out"
finish
