#!/bin/bash
# kill -9 at random points: afterwards the database is what an undisturbed run
# makes of the same log, and the webhook has heard of everything.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"
. "$(dirname "$0")/dump.sh"

KILLS=${KILLS:-52} # a protocol; two are tried
RANDOM=20260104

size_of() { # LOG: entries it has published
	case $1 in
	tiled) get "$LOG_URL/tiled/checkpoint" | sed -n 2p ;;
	*) get "$LOG_URL/$1/ct/v1/get-sth" | sed 's/.*"tree_size": *\([0-9]*\).*/\1/' ;;
	esac
}

# not_heard: alerts that the database calls delivered and the webhook never saw
not_heard() {
	sql "SELECT alert FROM outbox WHERE state = 1" | sort -u >"$WORK/delivered"
	grep -o '"id":"[0-9a-f]*"' "$WEBHOOK_OUT" | cut -d '"' -f 4 | sort -u |
	    comm -23 "$WORK/delivered" -
}

# configure FOLDER LOG: a fresh state in FOLDER
configure() {
	mkdir -p "$WORK/$1/state"
	CONF=$WORK/$1/ctwarden.conf
	DB=$WORK/$1/state/ctwarden.db
	cat >"$CONF" <<-END
	state_dir = "$WORK/$1/state"
	control = "$WORK/$1/control"
	contact = "tests@ctwarden.example.net"
	poll = 10
	workers = 2
	store = all
	requests_per_second = 40 # so that most lives end while it reads
	requests_in_flight = 4
	END
	follow_list "skip = {\"$(other "$2")\"}"
	watch_domain watched.example grown.example
	webhook_sink
}
other() { if [ "$1" = tiled ]; then log_name classic; else log_name tiled; fi; }
log_name() { sed -n "s/.*\"description\": *\"\([^\"]*$1[^\"]*\)\".*/\1/p" "$LOG_DIR/log_list.json" | head -n 1; }

try() { # LOG
	local log=$1 kills=0 unfinished=0 target
	configure "$log-killed" "$log"
	while [ "$kills" -lt "$KILLS" ]; do
		start_daemon
		sleep "0.0$((RANDOM % 9 + 1))"
		sleep "0.$((RANDOM % 2))$((RANDOM % 10))"
		# It is fed while it is killed, so that it never has nothing to do.
		tell_log "$log grow 40" >/dev/null
		stop daemon KILL 2>/dev/null
		kills=$((kills + 1))
		unfinished=$((unfinished + $(sql "SELECT COUNT(*) FROM range r WHERE
		    next < (SELECT MAX(size) FROM tree_head h WHERE h.log = r.log)")))
	done
	target=$(size_of "$log")
	start_daemon
	check "$log: after $kills kills it reads to the end" wait_for 60 read_to "$log" "$target"
	[ "$failed" = 0 ] || tail -n 5 "$WORK/daemon.out" "$LOG_ACCESS"
	check "$log: most of them fell while it was reading ($unfinished)" \
	    [ "$unfinished" -gt $((kills / 2)) ]
	check "$log: nothing waits to be told" wait_for 30 all_told
	check_equal "$log: all that counts as delivered has arrived" "$(not_heard)" ""
	stop daemon
	check_equal "$log: the database is whole" "$(sql "PRAGMA integrity_check")" ok
	dump >"$WORK/$log.killed"
	: >"$WEBHOOK_OUT"

	configure "$log-calm" "$log"
	start_daemon
	check "$log: an undisturbed run reads as far" wait_for 60 read_to "$log" "$target"
	check "$log: and tells as much" wait_for 30 all_told
	stop daemon
	dump >"$WORK/$log.calm"
	: >"$WEBHOOK_OUT"
	if cmp -s "$WORK/$log.killed" "$WORK/$log.calm"; then
		pass "$log: both databases say the same ($(wc -l <"$WORK/$log.calm") rows)"
	else
		fail "$log: the databases differ" "$(diff "$WORK/$log.killed" "$WORK/$log.calm" |
		    cut -c 1-300 | head -n 20)"
	fi
}
all_told() { [ "$(sql "SELECT COUNT(*) FROM outbox WHERE state = 0")" = 0 ]; }

start_logserver --log "tiled:static,entries=60,bench=50000,like=sunlight" \
    --log "classic:rfc6962,entries=60,bench=50000,max=256"
start_webhook
try tiled
try classic
finish
