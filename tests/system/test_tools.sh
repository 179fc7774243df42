#!/bin/bash
# The outside world that the system tests use, each part alone and working:
# log server, log writer, webhook receiver, rsyslog, nginx.
. "$(dirname "$0")/lib.sh"

# --- the log server, both protocols ---------------------------------------------

start_logserver --log alpha:static,entries=300,like=sunlight \
    --log beta:rfc6962,entries=70,max=64,key=rsa \
    --log big:rfc6962,bench=2000 --command "beta like ctfe"

get "$LOG_URL/alpha/checkpoint" >"$WORK/checkpoint"
check_equal "a checkpoint's origin" "$(sed -n 1p "$WORK/checkpoint")" log.example/alpha
check_equal "a checkpoint's size" "$(sed -n 2p "$WORK/checkpoint")" 300
check_equal "sunlight's four lines" "$(grep -c '^— ' "$WORK/checkpoint")" 4
check_equal "a hash tile" "$(get "$LOG_URL/alpha/tile/0/000" | wc -c)" 8192
check_equal "gzip without asking" \
    "$(get "$LOG_URL/alpha/tile/data/000" | od -An -tx1 -N2 | tr -d ' ')" 1f8b
check_equal "and decoded when asked" \
    "$(get --gzip "$LOG_URL/alpha/tile/data/000" | od -An -tx1 -N1 | tr -d ' ')" 00
check_equal "no such tile" "$(get_status "$LOG_URL/alpha/tile/0/001")" 404
check_equal "a head" "$(get "$LOG_URL/beta/ct/v1/get-sth" | grep -o '"tree_size":70')" \
    '"tree_size":70'
check_equal "aligned entries" \
    "$(get "$LOG_URL/beta/ct/v1/get-entries?start=10&end=69" | grep -o leaf_input | wc -l)" 60
check_equal "aligned entries, cut" \
    "$(get "$LOG_URL/beta/ct/v1/get-entries?start=10&end=1000" | grep -o leaf_input | wc -l)" 54
check_equal "an encoded plus reaches the log" \
    "$(get_status "$LOG_URL/beta/ct/v1/get-proof-by-hash?hash=%2B%2BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D&tree_size=5")" 404
check_equal "a bench log" \
    "$(get "$LOG_URL/big/ct/v1/get-entries?start=0&end=999" | grep -o leaf_input | wc -l)" 1000
check_equal "the list" "$(get "$LOG_LIST_URL" | grep -c log_id)" 3
check "the list's signature" openssl dgst -sha256 -verify "$LOG_DIR/list-key.pem" \
    -signature "$LOG_DIR/log_list.sig" "$LOG_DIR/log_list.json"
get "$LOG_LIST_URL" >/dev/null
tag=$(sed -n 's/^ETag: *\([^\r]*\).*/\1/p' "$WORK/get.err")
check_equal "the list is not fetched twice" \
    "$(get_status --header "If-None-Match: $tag" "$LOG_LIST_URL")" 304
check_equal "private keys are not served" \
    "$(get_status "$LOG_URL/files/list-key.private.pem")" 404

check "it grows" tell_log "alpha grow 10"
check_equal "by ten" "$(get "$LOG_URL/alpha/checkpoint" | sed -n 2p)" 310
check_not "an unknown command is refused" tell_log "alpha dance"
check_not "an unknown log is refused" tell_log "gamma grow 1"
check "help" tell_log help

tell_log "alpha fail 503 count 2 retry-after 7" >/dev/null
check_equal "503" "$(get_status "$LOG_URL/alpha/checkpoint")" 503
check "with Retry-After" grep -q '^Retry-After: 7' "$WORK/get.err"
check_equal "503 again" "$(get_status "$LOG_URL/alpha/checkpoint")" 503
check_equal "and over" "$(get_status "$LOG_URL/alpha/checkpoint")" 200
tell_log "alpha 429 skylight count 1" >/dev/null
check_equal "429" "$(get_status "$LOG_URL/alpha/checkpoint")" 429
check "with a date that is none" grep -q '^Retry-After: .* UTC' "$WORK/get.err"
tell_log "alpha truncate 100 count 1" >/dev/null
check_equal "broken off" "$(get_status "$LOG_URL/alpha/tile/0/000")" 000
tell_log "alpha reset count 1" >/dev/null
check_equal "reset" "$(get_status "$LOG_URL/alpha/tile/0/000")" 000
tell_log "alpha hang count 1" >/dev/null
check_equal "hanging" "$(get_status --max-time 0.5 "$LOG_URL/alpha/tile/0/000")" 000
tell_log "alpha slow 4000 count 1" >/dev/null
began=$(date +%s%N)
check_equal "slow, but whole" "$(get "$LOG_URL/alpha/tile/0/000" | wc -c)" 8192
check "it took its time" test $((($(date +%s%N) - began) / 1000000)) -ge 1500
tell_log "alpha huge 10000000 count 1" >/dev/null
check "huge" test "$(get "$LOG_URL/alpha/tile/0/000" | wc -c)" -ge 10000000
tell_log "alpha html-200 count 1" >/dev/null
check_equal "parked" "$(get "$LOG_URL/alpha/checkpoint" | grep -c '<html>')" 1
tell_log "alpha redirect http://127.0.0.1:1/ count 1" >/dev/null
check_equal "redirected" "$(get_status "$LOG_URL/alpha/checkpoint")" 302
tell_log "* resign 100" >/dev/null
first=$(get "$LOG_URL/alpha/checkpoint" | md5sum)
sleep 0.4
check_not "idle logs sign anew" test "$(get "$LOG_URL/alpha/checkpoint" | md5sum)" = "$first"
tell_log "beta grow 1 every 50" >/dev/null
sleep 0.5
check "it grows by the clock" \
    test "$(tell_log logs | sed -n 's/^beta rfc6962 //p')" -ge 74
check "the access log" grep -q 'GET /alpha/checkpoint 503' "$LOG_ACCESS"
port=$LOG_PORT
stop_logserver
check_not "stopped" listening "$port"
start_logserver --log alpha:static,entries=3
check_equal "started again on its port" "$LOG_PORT" "$port"

# --- the log writer ---------------------------------------------------------------

check "a log in files" "$TOOLS/makelog" --dir "$WORK/files" --name files --entries 300 --rfc6962
check "its checkpoint" test -s "$WORK/files/checkpoint"
check_equal "its tiles" "$(cd "$WORK/files" && find tile -type f | sort | tr '\n' ' ')" \
    "tile/0/000 tile/0/001.p/44 tile/1/000.p/1 tile/data/000 tile/data/001.p/44 "
check "its replies" test -s "$WORK/files/ct/v1/get-entries-0-299"
check "its key" test -s "$WORK/files.list/files.key"
check_equal "domains to watch" "$("$TOOLS/makelog" --domains 5 | sort -u | wc -l)" 5

# --- the webhook receiver ------------------------------------------------------------

# post FILE [SECRET]: signed as ctwarden does.
post() {
	local now hex
	now=$(date +%s)
	hex=$({ printf '%s.' "$now"; cat "$1"; } |
	    openssl dgst -sha256 -hmac "${2:-$(cat "$WEBHOOK_SECRET")}" | sed 's/.* //')
	get_status --header "X-Ctwarden-Timestamp: $now" \
	    --header "X-Ctwarden-Signature: sha256=$hex" --post "$1" "$WEBHOOK_URL"
}
start_webhook
printf '{"id": "aa", "says":\n "one"}' >"$WORK/body"
printf 'no JSON' >"$WORK/nonsense"
check_equal "a signed body" "$(post "$WORK/body")" 200
check_equal "is one line" "$(cat "$WEBHOOK_OUT")" '{"id":"aa","says":"one"}'
check_equal "signed by another" "$(post "$WORK/body" guess)" 401
check_equal "unsigned" "$(get_status --post "$WORK/body" "$WEBHOOK_URL")" 401
check_equal "not JSON" "$(post "$WORK/nonsense")" 400
tell_webhook "fail 500 count 1 retry-after 3" >/dev/null
check_equal "500" "$(post "$WORK/body")" 500
check "with Retry-After" grep -q '^Retry-After: 3' "$WORK/get.err"
tell_webhook "forgetful count 1" >/dev/null
check_equal "takes it and says nothing" "$(post "$WORK/body")" 000
tell_webhook refuse >/dev/null
check_equal "nobody listens" "$(post "$WORK/body")" 000
tell_webhook clear >/dev/null
check_equal "somebody again" "$(post "$WORK/body")" 200
check_equal "it counts" "$(tell_webhook show | head -n 1)" \
    "accepted 3 doubles 2 rejected 3 failed 1"
stop_webhook

# --- rsyslog ----------------------------------------------------------------------------

received() { grep -q "$1" "$SYSLOG_OUT"; }
start_syslog
say='1 2026-01-01T00:00:00Z host ctwardend 1 finding [ctwarden@32473 id="1"]'
printf '<13>%s by udp' "$say" >"/dev/udp/127.0.0.1/$SYSLOG_UDP"
check "syslog over UDP" wait_for 5 received '^udp .*by udp'
message="<13>$say by tcp"
printf '%d %s' "${#message}" "$message" >"/dev/tcp/127.0.0.1/$SYSLOG_TCP"
check "syslog over TCP, octets counted" wait_for 5 received '^tcp .*by tcp'
message="<13>$say by tls"
{ printf '%d %s' "${#message}" "$message"; sleep 1; } | openssl s_client -quiet -no_ign_eof \
    -connect "127.0.0.1:$SYSLOG_TLS" -CAfile "$TLS_CA" -verify_return_error \
    >"$WORK/s_client.out" 2>&1
check "syslog over TLS" wait_for 5 received '^tls .*by tls'
check "with structured data" received 'ctwarden@32473 id="1"'
check "a local socket" test -S "$SYSLOG_SOCKET"
if command -v logger >/dev/null; then
	logger --rfc5424 --socket "$SYSLOG_SOCKET" --id=7 "by the socket"
	check "syslog over the socket" wait_for 5 received 'by the socket'
fi
stop_syslog
check_not "rsyslog has stopped" listening "$SYSLOG_TCP"

# --- nginx --------------------------------------------------------------------------------

start_webhook
start_nginx "$WORK/files"
check_equal "a file over TLS" \
    "$(get --ca "$TLS_CA" "$NGINX_URL/checkpoint" | md5sum)" "$(md5sum <"$WORK/files/checkpoint")"
check_equal "an unknown CA is refused" "$(get_status "$NGINX_URL/checkpoint")" 000
check_equal "over HTTP/2" "$(get_status --http2 --ca "$TLS_CA" "$NGINX_URL/tile/0/000")" 200
check "it was HTTP/2" grep -q '^http 2' "$WORK/get.err"
check_equal "gzipped on request" \
    "$(get --gzip --ca "$TLS_CA" "$NGINX_URL/tile/data/000" | md5sum)" \
    "$(md5sum <"$WORK/files/tile/data/000")"
check "it was gzip" grep -qi '^Content-Encoding: gzip' "$WORK/get.err"
check_equal "nginx's own 404" "$(get_status --ca "$TLS_CA" "$NGINX_URL/tile/0/009")" 404
check_equal "the log server behind it" \
    "$(get --ca "$TLS_CA" "$NGINX_URL/logs/alpha/checkpoint" | sed -n 2p)" 3
WEBHOOK_URL=http://127.0.0.1:$NGINX_HTTP/hook/
check_equal "the webhook behind it" "$(post "$WORK/body")" 200
stop_nginx
start_nginx "$WORK/files" other
check_equal "another name is refused" \
    "$(get_status --ca "$TLS_CA" "$NGINX_URL/checkpoint")" 000
stop_nginx
check_not "nginx has stopped" listening "$NGINX_TLS"
finish
