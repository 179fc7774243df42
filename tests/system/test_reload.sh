#!/bin/bash
# The daemon's life: what systemd hears, reloading without losing an entry, a
# broken configuration, a stop in the middle of the reading, and databases and
# logs that are refused or left out, with words that say what to do.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"

said() { grep -qE "$1" "$WORK/daemon.out"; }
heard() { grep -qE "$1" "$WORK/notified.out"; }
reload() { kill -HUP "${PIDS[daemon]}"; }
told() { grep -qE "$1" "$WEBHOOK_OUT"; }
judged() { # LOG: entries judged, however many watches came in between
	sql "SELECT SUM(c.until - c.start) FROM coverage c JOIN log l ON l.number = c.log
	    WHERE l.name = '$1'"
}

start_another first --log growing:static,entries=300 --log listed:static,entries=30 \
    --log renamed:rfc6962,entries=30 --log keyless:static,entries=30 \
    --log stateless:rfc6962,entries=30 --log gone:static,entries=30,state=rejected
start_another second --log added:rfc6962,entries=300 --log large:static,bench=40000 \
    --log spare:static,entries=3 --log other:static,entries=3
start_webhook
start_syslog
start notified "$TOOLS/notified" "$WORK/notify"
must wait_for 5 test -S "$WORK/notify"

# --- logs that cannot be followed as they are named ----------------------------------------

LIST=$WORK/first/log_list.json
sed -i '/"renamed"/s/"log_id":"[^"]*"/"log_id":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="/
    /"keyless"/s/"key":"[^"]*"/"key":"AAAA"/
    /"stateless"/s/"usable"/"dormant"/' "$LIST"
must tell first sign-list
begin_conf
cat >>"$CONF" <<-END
log_list "server" {
	file = "$LIST"
	signature = "$WORK/first/log_list.sig"
	key_file = "$WORK/first/list-key.pem"
	start = genesis
	poll = 10
	skip = {"growing"}
}
log "nowhere" {
	url = "http://127.0.0.1:$(free_port)/"
	kind = rfc6962
	key = "$(cat "$WORK/second/spare.key")"
}
log "unkeyed" {
	url = "${URL[first]}/growing/"
	key = "AAAA"
}
log "miskeyed" {
	url = "${URL[first]}/listed/"
	origin = "log.example/listed"
	key = "$(cat "$WORK/second/other.key")"
}
END
log_block first growing static
watch_domain host-7.grown.example
webhook_sink

export NOTIFY_SOCKET=$WORK/notify WATCHDOG_USEC=1000000
start_daemon
unset NOTIFY_SOCKET WATCHDOG_USEC
check "systemd hears that it is ready" wait_for 5 heard '^READY=1$'
check "and what it does" wait_for 2 heard '^STATUS=[0-9]+ of [0-9]+ logs at their heads'
check "and that it lives, twice a period" wait_for 3 \
    sh -c "[ \$(grep -c '^WATCHDOG=1' '$WORK/notified.out') -ge 3 ]"
check "the rest runs: a log of the list" wait_for 10 read_to listed 30
check "and one of a block" wait_for 10 read_to growing 300
check "a log with a wrong id is reported and skipped" said 'log list server: renamed: .*; skipped'
check "so is one whose key is none" said 'log list server: keyless: .*; skipped'
check "and one of an unknown state" said 'log list server: stateless: .*; skipped'
check "a block's key that is none, too" said 'ctwarden.conf:[0-9]+: key: .*write.*left out'
check_equal "rejected logs are known and not read" "$(sql "SELECT COUNT(*) FROM log l
    WHERE l.name LIKE '%gone' AND NOT EXISTS (SELECT 1 FROM range r WHERE r.log = l.number)")" 1
check "a log that signs with another key is told" wait_for 3 event head-other-key miskeyed
check "one that nobody reaches is told" wait_for 5 said 'log nowhere: head: .*cannot be reached'

# --- a second daemon, and databases that are not ours -------------------------------------------

refused() { # WHAT TEXT [COMMAND...]: it does not start, and says why
	local output
	output=$(timeout 10 "$B/ctwardend" -f -c "${3:-$CONF}" 2>&1)
	if [ $? -eq 3 ] && grep -qE "$2" <<<"$output"; then pass "$1"; else fail "$1" "$output"; fi
}
refused "a second daemon on the same database" \
    "in use by another daemon \(process ${PIDS[daemon]}\): stop it, or give"

# --- reloading ----------------------------------------------------------------------------------

tell first "growing grow 3 every 50"
log_block second added rfc6962
watch_domain host-11.grown.example
cat >>"$CONF" <<-END
syslog "more" {
	address = "unix:$SYSLOG_SOCKET"
}
END
reload
check "it says that it reloads" wait_for 5 said '^reloaded '
check "systemd hears of it" wait_for 2 heard '^RELOADING=1$'
check "and when" heard '^MONOTONIC_USEC=[0-9]+$'
check "and that it is ready again" [ "$(grep -c '^READY=1' "$WORK/notified.out")" = 2 ]
check "a log is added, from its first entry" wait_for 15 read_to added 300
check "a watch is added" wait_for 5 told host-11.grown.example
check "a sink is added" wait_for 10 grep -q host-11.grown.example "$SYSLOG_OUT"
check_not "which hears nothing of what was told before" grep -q 'host-7.*growing' "$SYSLOG_OUT"
for n in 1 2 3; do
	watch_domain "more-$n.example"
	reload
	sleep 0.3
done

cp "$CONF" "$WORK/good.conf"
broken() { # WHAT LINES TEXT
	local times
	times=$(grep -c 'stays in force' "$WORK/daemon.out")
	printf '%s\n' "$2" >>"$CONF"
	reload
	wait_for 5 sh -c "[ \$(grep -c 'stays in force' '$WORK/daemon.out') -gt $times ]"
	check "$1" said "^reload: $CONF:[0-9]+: $3.*; the old configuration stays in force"
	cp "$WORK/good.conf" "$CONF"
}
broken "an unknown option" 'pol = 10' "no such option 'pol'; is poll meant"
broken "a value out of bounds" 'poll = 1' 'poll: 1 is below 10 s; write at least poll = 10'
broken "a domain that is none" 'domain "com" {}' '.*com'
broken "a file that is not there" "log \"x\" { url = \"https://x.example/\" key = AAAA
tls_ca = \"/nowhere.pem\" }" 'tls_ca: cannot read /nowhere.pem'
broken "a webhook without its secret" 'webhook "x" { url = "https://x.example/"
secret_file = "/nowhere" }' '.*/nowhere'
broken "half a block" 'domain "half.example" {' ''
tell first "growing odd garbage"
tell first "growing grow off"
size=$(get "${URL[first]}/growing/checkpoint" | sed -n 2p)
check "the old configuration reads on" wait_for 15 read_to growing "$size"
check_equal "through all of that no entry was lost or judged twice" "$(judged growing)" "$size"
check "what it watches is told" told host-11.grown.example

kill -USR1 "${PIDS[daemon]}"
check "SIGUSR1: where each log stands" \
    wait_for 3 said "^log growing: at its head; read $size, proved $size of $size"
check "and each sink" said '^sink more \(syslog\): [0-9]+ delivered, 0 failed'
check "and what troubles it" said '^log nowhere: unreachable; .*cannot be reached'
check "an unreachable log is told when it stays so" wait_for 90 event log-unreachable nowhere

# --- stopping ----------------------------------------------------------------------------------------

log_block second large static
sed -i 's/^workers/requests_per_second = 30\nworkers/' "$CONF"
reload
check "it catches up with a large log" wait_for 10 [ -n "$(sleep 3; sql "SELECT 1 FROM range r
    JOIN log l ON l.number = r.log WHERE l.name = 'large' AND r.next > 0")" ]
began=$SECONDS
stop daemon
check_equal "SIGTERM in the middle of it: it ends cleanly" $? 0
check "within seconds" [ $((SECONDS - began)) -le 4 ]
check "systemd hears that first" heard '^STOPPING=1$'
middle=$(sql "SELECT r.next FROM range r JOIN log l ON l.number = r.log WHERE l.name = 'large'")
check "it was in the middle ($middle)" [ "$middle" -gt 0 -a "$middle" -lt 40000 ]
start_daemon
check "started again, it goes on" wait_for 20 read_to large 40000
check_equal "where it stood" "$(judged large)" 40000
stop daemon

# --- databases that are refused ------------------------------------------------------------------------

cp "$DB" "$WORK/kept.db"
"$TOOLS/dbquery" -w "$DB" "PRAGMA user_version = 999"
refused "a database of a newer ctwarden" 'made by a newer ctwarden \(schema 999, .*install that version'
rm -f "$DB"*
cp "$WORK/kept.db" "$DB"
printf 'rubbish, for the whole of a page and more %.0s' {1..1000} |
    dd of="$DB" bs=1 seek=8192 conv=notrunc 2>/dev/null
refused "a corrupt one" 'ctwarden.db.*(corrupt|malformed|damaged)'
echo "no database, but some text that is long enough to be read as a header" >"$DB"
refused "a file that is no database" 'ctwarden.db.*not a database'
rm -f "$DB"*
"$TOOLS/dbquery" -w "$WORK/kept.db" "PRAGMA application_id = 1" >/dev/null
cp "$WORK/kept.db" "$DB"
refused "somebody else's" 'not one of ctwarden'
[ "$failed" = 0 ] || tail -n 60 "$WORK/daemon.out"
finish
