#!/bin/bash
# A disk without room, for real: a small file system of its own (in a mount
# namespace, so that nothing of it outlives the script). Commits stop, which is
# said at once and once on every way that does not need the database; with room
# they go on, and nothing is lost, doubled, or told twice.
[ -n "${FULL_NAMESPACE:-}" ] || {
	[ "$(id -u)" -eq 0 ] && as=() || as=(--user --map-root-user)
	export FULL_NAMESPACE=1
	exec unshare "${as[@]}" --mount "$0" "$@"
}
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"

said() { grep -q "$1" "$WORK/daemon.out"; }
heard() { grep -q "$1" "$WORK/notified.out"; }
syslog_has() { grep -q "$1" "$SYSLOG_OUT"; }

mkdir -p "$WORK/state"
must mount -t tmpfs -o size=6m tmpfs "$WORK/state"
start_logserver --log "tiled:static,entries=300" --log "classic:rfc6962,entries=300,max=64"
start_syslog
start_webhook
start notified "$TOOLS/notified" "$WORK/notify"
must wait_for 5 test -S "$WORK/notify"
begin_conf
follow_list
webhook_sink 'level = error'
cat >>"$CONF" <<-END
	store = all
	heartbeat = 20
	syslog "local" { address = "unix:$SYSLOG_SOCKET" }
END
NOTIFY_SOCKET=$WORK/notify start_daemon
check "the logs are read" wait_for 30 read_to tiled 300
check "both" wait_for 30 read_to classic 300

dd if=/dev/zero of="$WORK/state/ballast" bs=64k >/dev/null 2>&1
check_equal "there is no room" "$(df --output=avail "$WORK/state" | tail -n 1 | tr -d ' ')" 0
must tell_log "tiled grow 700"
must tell_log "classic grow 700"
check "the daemon says that nothing is committed" wait_for 40 said 'database: nothing is committed: .*no room for'
check "straight to syslog" wait_for 10 syslog_has 'store-full .*The database'
check "and to systemd" wait_for 15 heard '^STATUS=nothing is committed'
sleep 12
check_equal "which hears nothing else meanwhile" "$(grep '^STATUS=' "$WORK/notified.out" |
    tail -n 1 | cut -d: -f1)" "STATUS=nothing is committed"
check_equal "it was said once" "$(grep -c 'nothing is committed' "$WORK/daemon.out")" 1
check "the daemon runs on" running daemon
check "what is stored can be asked for" "$B/ctwarden" -c "$CONF" logs
check "nothing was lost" test "$(sql 'SELECT COUNT(*) FROM sighting')" -ge 600

rm "$WORK/state/ballast"
check "with room it goes on" wait_for 40 read_to tiled 1000
check "with both" wait_for 40 read_to classic 1000
check "which is said when it has lasted" wait_for 60 said 'database: commits again'
check "in syslog, too" wait_for 10 syslog_has store-recovered
check_equal "and once" "$(grep -c 'commits again' "$WORK/daemon.out")" 1
check "systemd hears how the logs are" wait_for 15 sh -c \
    "grep '^STATUS=' '$WORK/notified.out' | tail -n 1 | grep -q '2 of 2 logs'"
check_equal "each entry is there once" "$(sql 'SELECT COUNT(*) FROM sighting')" 2000
check_equal "and covered once" "$(sql 'SELECT SUM(until - start), SUM(verified - start) FROM coverage')" "2000|2000"
check "a sign of life came to the one who takes errors only" wait_for 30 \
    grep -q '"kind":"heartbeat"' "$WEBHOOK_OUT"
check "and to syslog, as information" syslog_has '<30>1 .* heartbeat '
stop daemon
check "the database is whole" test "$(sql 'PRAGMA integrity_check')" = ok
finish
