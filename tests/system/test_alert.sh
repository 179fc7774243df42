#!/bin/bash
# Alerts from the outbox to a real rsyslogd (local socket, UDP, TCP, TLS), a
# real webhook receiver, and nginx with TLS before it: delivered once each,
# held while nobody listens, sent again with the same id where it had to be.
. "$(dirname "$0")/lib.sh"

drain() { "$TOOLS/alertdrain" --db "$WORK/alert.db" --secret-file "$WORK/webhook.secret" "$@" >"$WORK/drain.out" 2>&1; }
# ids FILE PATTERN: the alert ids in the lines that match, each once per line
ids() { grep "$2" "$1" | grep -o 'id="[0-9a-f]\{32\}"' | sort; }
count_once() { # FILE PATTERN: how many ids came exactly once
	ids "$1" "$2" | uniq -c | awk '$1 == 1' | wc -l
}

# --- all sinks at once ---------------------------------------------------------------

start_syslog
start_webhook
sinks=(--sink "local=unix:$SYSLOG_SOCKET" --sink "udp=udp://127.0.0.1:$SYSLOG_UDP"
    --sink "tcp=tcp://localhost:$SYSLOG_TCP" --sink "tls=tls://localhost:$SYSLOG_TLS"
    --sink "hook=$WEBHOOK_URL" --ca-file "$TLS_CA")
check "24 alerts go to five sinks" drain "${sinks[@]}" --put 24
check_equal "the receiver took each once, signature good" \
    "$(tell_webhook show | head -n 1)" "accepted 24 doubles 0 rejected 0 failed 0"
all_syslog() { [ "$(wc -l <"$SYSLOG_OUT")" -ge 96 ]; }
check "rsyslog has as many from each" wait_for 5 all_syslog
for input in imuxsock udp tcp tls; do
	check_equal "each alert once by $input" "$(count_once "$SYSLOG_OUT" "^$input ")" 24
done
check_not "no control characters" grep -qaP '[\x00-\x08\x0b-\x1f\x7f]' "$SYSLOG_OUT"
check_not "no line is forged" grep -q '^[^iutl]' "$SYSLOG_OUT"
check "RFC 5424 with our data" grep -qE \
    '^tls <28>1 20[0-9-]+T[0-9:.]+Z [^ ]+ ctwardend [0-9]+ watched-name \[ctwarden@32473 id="[0-9a-f]{32}" kind="finding" check="watched-name" level="warning" watch="example.org" log="argon" index="[0-9]+" ' \
    "$SYSLOG_OUT"
check "what ends a value is escaped" grep -qF 'quote\" bracket\] back' "$SYSLOG_OUT"
check "UTF-8 is marked" grep -qaP '\] \xef\xbb\xbfA certificate for a watched name\. \xe6\xb2\x83' \
    "$SYSLOG_OUT"
check "the JSON has the same ids" test \
    "$(ids "$SYSLOG_OUT" '^tcp ' | md5sum)" = \
    "$(grep -o '"id":"[0-9a-f]*"' "$WEBHOOK_OUT" | sed 's/"id":/id=/' | sort | md5sum)"

# --- dead sinks --------------------------------------------------------------------------

stop_syslog
: >"$SYSLOG_OUT"
check_not "without rsyslog some wait" drain "${sinks[@]}" --put 10 --from 100 --seconds 3
check_equal "the webhook got its own" "$(wc -l <"$WEBHOOK_OUT")" 34
check "and all others wait" grep -q '^40 wait' "$WORK/drain.out"
start_syslog
check "with rsyslog they go" drain "${sinks[@]}" --seconds 15
again() { [ "$(wc -l <"$SYSLOG_OUT")" -ge 40 ]; }
check "all of them" wait_for 5 again
check_equal "each once by TLS" "$(count_once "$SYSLOG_OUT" '^tls ')" 10
check_equal "the webhook got nothing twice" "$(wc -l <"$WEBHOOK_OUT")" 34

# --- a receiver with moods ------------------------------------------------------------------

hook=(--sink "hook=$WEBHOOK_URL")
tell_webhook "fail 500 count 2" >/dev/null
check "two failures, then fine" drain "${hook[@]}" --put 3 --from 200 --seconds 20
check_equal "each came once" "$(wc -l <"$WEBHOOK_OUT")" 37
tell_webhook "forgetful count 1" >/dev/null
check "one is taken and not confirmed" drain "${hook[@]}" --put 1 --from 300 --seconds 20
check_equal "it came again with its id" "$(tail -n 2 "$WEBHOOK_OUT" | uniq | wc -l)" 1
began=$SECONDS
tell_webhook "fail 503 count 1 retry-after 4" >/dev/null
check "it says when" drain "${hook[@]}" --put 1 --from 400 --seconds 20
check "and is asked not before" test $((SECONDS - began)) -ge 3

# --- kill -9 ------------------------------------------------------------------------------------

tell_webhook clear >/dev/null
before=$(wc -l <"$WEBHOOK_OUT")
tell_webhook "delay 10" >/dev/null
drain "${hook[@]}" --put 300 --from 1000 --seconds 0
for _ in 1 2 3 4 5; do
	start killed "$TOOLS/alertdrain" --db "$WORK/alert.db" \
	    --secret-file "$WEBHOOK_SECRET" "${hook[@]}" --seconds 30
	sleep "0.$((RANDOM % 4 + 1))"
	stop killed KILL
done
tell_webhook "delay 0" >/dev/null
check "after five kills the rest goes" drain "${hook[@]}" --seconds 60
check_equal "nothing is lost" "$(tail -n +$((before + 1)) "$WEBHOOK_OUT" |
    grep -o '^{"version":1,"id":"[0-9a-f]*"' | sort -u | wc -l)" 300

# --- TLS before the webhook -------------------------------------------------------------------

mkdir -p "$WORK/empty"
start_nginx "$WORK/empty"
WEBHOOK_TLS=$NGINX_URL/hook/
before=$(wc -l <"$WEBHOOK_OUT")
check "a webhook over HTTPS" drain --sink "https=$WEBHOOK_TLS" --ca-file "$TLS_CA" --put 5 --from 2000
check_equal "arrived" "$(wc -l <"$WEBHOOK_OUT")" $((before + 5))
check_not "an unknown CA gets nothing" drain --sink "https=$WEBHOOK_TLS" --put 1 --from 2100 --seconds 2
stop_nginx
start_nginx "$WORK/empty" other
check_not "nor does another name" drain --sink "https=$WEBHOOK_TLS" --ca-file "$TLS_CA" --seconds 2
check_equal "nothing more arrived" "$(wc -l <"$WEBHOOK_OUT")" $((before + 5))
stop_nginx
start_nginx "$WORK/empty"
check "the right one does" drain --sink "https=$WEBHOOK_TLS" --ca-file "$TLS_CA" --seconds 15

# --- past the database -----------------------------------------------------------------------------

drain --sink "local=unix:$SYSLOG_SOCKET" --sink "tls=tls://localhost:$SYSLOG_TLS" \
    --ca-file "$TLS_CA" --direct "no room on the disk" --seconds 2
check "trouble of the store goes straight to syslog" wait_for 5 \
    grep -q '^tls <27>1 .* store-full \[.*The database: no room on the disk' "$SYSLOG_OUT"
check "also the local one" grep -q '^imuxsock .*no room on the disk' "$SYSLOG_OUT"
finish
