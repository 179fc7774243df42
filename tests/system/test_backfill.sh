#!/bin/bash
# ctwarden backfill reads older entries behind the tip: it shows how far it is, it
# goes on after kill -9, and in the end every entry is there once and proved.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"

ctwarden() { "$B/ctwarden" -c "$CONF" "$@"; }
name_of() { sql "SELECT name FROM log WHERE name LIKE '%$1'"; }
of_log() { echo "log = (SELECT number FROM log WHERE name LIKE '%$1')"; }
whole() { # LOG SIZE: one range, all of it proved
	[ "$(sql "SELECT start || ' ' || verified FROM range WHERE $(of_log "$1")")" = "0 $2" ]
}
up() { ctwarden status | grep -q '^Daemon  *follows'; }
under_way() { # LOG: it has begun and is not at its end
	[ -n "$(sql "SELECT 1 FROM range WHERE $(of_log "$1") AND purpose = 1 AND
	    next > start AND next < until")" ]
}

start_logserver --log "tiled:static,entries=6000" --log "classic:rfc6962,entries=1500,max=16" \
    --command "tiled delay 300 on *data/*" --command "classic delay 200 on *get-entries*"
begin_conf
START=tip follow_list
echo 'store = all' >>"$CONF"
start_daemon
check "the logs are followed from their tips" wait_for 30 read_to classic 1500
check "both" wait_for 30 read_to tiled 6000
check_equal "nothing was read" "$(sql 'SELECT COUNT(*) FROM sighting')" 0
tiled=$(name_of tiled) classic=$(name_of classic)

check "a backfill is asked for" ctwarden backfill --no-wait "$tiled" 256 6000
check "it is under way" wait_for 30 under_way tiled
ctwarden logs >"$WORK/said"
check "which ctwarden logs shows" grep -q 'in the background' "$WORK/said"
stop daemon KILL
check "and a crash leaves it so" under_way tiled
start_daemon
check "the daemon runs again" wait_for 30 up
check "a second one, watched" ctwarden backfill "$classic" 100 1500
check_equal "it was read and proved" "$(sql "SELECT start || ' ' || verified FROM range
    WHERE $(of_log classic)")" "100 1500"
ctwarden backfill "$classic" 0 100 2>"$WORK/progress" >"$WORK/said"
check "progress is shown" grep -q 'of 100 entries (.*%), .* a second' "$WORK/progress"
check "and its end" grep -q '^100 entries: read and proved' "$WORK/said"
check "the log is whole" whole classic 1500
check "what was read is not read again" grep -q 'has been read' <(ctwarden backfill "$classic" 10 20)
stop daemon
check "a wish without a daemon is noted" grep -q 'when the daemon runs' <(ctwarden backfill "$tiled" 0 256)
check "by one that a daemon waits for" held_as_command
start_daemon
check "and fulfilled with the rest" wait_for 60 whole tiled 6000
check_equal "each entry is there once" "$(sql 'SELECT COUNT(*) FROM sighting')" 7500
check_equal "and covered" "$(sql 'SELECT SUM(until - start), SUM(verified - start) FROM coverage')" "7500|7500"
check_equal "no gap is left" "$(sql 'SELECT COUNT(*) FROM gap')" 0
check_equal "what came first is no news" "$(sql "SELECT COUNT(*) FROM event")" 0
check_not "of no log" ctwarden backfill nowhere 0 10
check_not "beyond the tree" ctwarden backfill "$tiled" 0 10000
finish
