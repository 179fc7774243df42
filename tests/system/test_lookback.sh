#!/bin/bash
# With store = all, a watch that is added by a reload is held against what was
# stored before it, domains and CAs alike; each is told once.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"

matched() { sql "SELECT COUNT(*) FROM matched m JOIN watch w ON w.number = m.watch
    WHERE w.text = '$1'"; }
found() { [ "$(sql "SELECT COUNT(*) FROM finding WHERE message LIKE '%$1%'")" -ge "${2:-1}" ]; }

start_logserver --log "tiled:static,entries=200" --log "classic:rfc6962,entries=200,max=64"
start_webhook
begin_conf
echo 'store = all' >>"$CONF"
follow_list
webhook_sink
watch_domain host-3.grown.example
start_daemon
check "both logs are read" wait_for 30 read_to tiled 200
check "and the other" wait_for 30 read_to classic 200
check_equal "every certificate is stored" "$(sql "SELECT COUNT(*) FROM sighting")" 400
check_equal "nobody watched host 17" "$(sql "SELECT COUNT(*) FROM finding WHERE
    message LIKE '%host-17.grown.example%'")" 0

watch_domain host-17.grown.example
cat >>"$CONF" <<-END
ca "grown" { spki = {"$(sql "SELECT spki_sha256 FROM issuer LIMIT 1")"} }
END
kill -HUP "${PIDS[daemon]}"
check "the new domain finds what was stored" wait_for 30 found host-17.grown.example
all_of_ca() { [ "$(matched grown)" = "$(sql "SELECT COUNT(*) FROM certificate")" ]; }
check "the new CA finds every certificate of its key" wait_for 30 all_of_ca
noted() { [ -n "$(sql "SELECT 1 FROM note WHERE name = 'judged_generation'
    AND CAST(value AS INTEGER) >= (SELECT MAX(since_generation) FROM watch)")" ]; }
check "it remembers that all was looked through" wait_for 30 noted
check_equal "no certificate was stored twice" "$(sql "SELECT COUNT(*) FROM sighting")" 400
check "the webhook hears of it" wait_for 20 grep -q 'host-17.grown.example' "$WEBHOOK_OUT"
heard=$(grep -c '"check":"watched-name".*host-3.grown.example' "$WEBHOOK_OUT")
stop daemon
check_equal "what was told before is not told again" "$heard" 2
finish
