#!/bin/bash
# The daemon follows logs of both protocols from their first entry, proves
# them, stores what is watched, and tells a webhook.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"

start_logserver --log "tiled:static,entries=300,like=sunlight" \
    --log "classic:rfc6962,entries=300,max=32"
start_webhook
begin_conf
follow_list
watch_domain host-17.grown.example
webhook_sink

check "the configuration is good" "$B/ctwardend" -n -c "$CONF"
start_daemon
check "the static log is read and proved" wait_for 30 read_to tiled 300
check "the RFC 6962 log is read and proved" wait_for 30 read_to classic 300
check_equal "what is watched is stored" \
    "$(sql "SELECT COUNT(DISTINCT certificate) >= 1 FROM matched")" 1
check_equal "every entry was judged once" \
    "$(sql "SELECT SUM(until - start) FROM coverage")" 600
check "the webhook hears of it" \
    wait_for 20 grep -q '"check": *"watched-name"' "$WEBHOOK_OUT"

tell_log "tiled grow 40" >/dev/null
tell_log "classic grow 40" >/dev/null
check "new entries of the static log follow" wait_for 30 read_to tiled 340
check "new entries of the RFC 6962 log follow" wait_for 30 read_to classic 340

stop daemon
check_equal "it stops when told" $? 0
check_equal "and says so" "$(tail -n 1 "$WORK/daemon.out")" stopped
finish
