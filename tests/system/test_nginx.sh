#!/bin/bash
# A real web server in front of static logs: TLS, HTTP/2, gzip, validators; its
# certificate vouched for by a CA of our own, by nobody, and for another name;
# and a restart in the middle of the reading.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"

WWW=$WORK/www
mkdir -p "$WWW"
logs="trusted strange late"
start_another own --log trusted:static,entries=300 --log strange:static,entries=300 \
    --log late:static,entries=300 --log big:static,bench=20000 --log listed:static,entries=40
publish() { local log; for log in "$@"; do must tell own "$log write $WWW/$log"; done; }
publish $logs big listed
start_nginx "$WWW"
URL[own]=$NGINX_URL
# The list names the log server itself; here nginx stands for it.
sed -i "s,http://127.0.0.1:[0-9]*/,$NGINX_URL/,g" "$WORK/own/log_list.json"
must tell own sign-list
cp "$WORK/own"/log_list.* "$WORK/own/list-key.pem" "$WWW"

begin_conf
echo 'requests_per_second = 25' >>"$CONF"
log_block own trusted static "tls_ca = \"$TLS_CA\""
log_block own big static "tls_ca = \"$TLS_CA\""
log_block own strange static
sed 's/^		//' >>"$CONF" <<-END
		log_list "good" {
			url = "$NGINX_URL/log_list.json"
			signature = "$NGINX_URL/log_list.sig"
			key_file = "$WORK/own/list-key.pem"
			tls_ca = "$TLS_CA"
			skip = {"late"}
			start = genesis
		}
		log_list "unverified" {
			url = "$NGINX_URL/log_list.json"
			signature = "$NGINX_URL/log_list.sig"
			key_file = "$WORK/own/list-key.pem"
		}
	END
log_block own late static "tls_ca = \"$TLS_CA\""
sed -i '/^log "late"/,$s/start = genesis/start = 290/' "$CONF"
watch_domain host-7.grown.example
seen() { grep -qE "$1" "$WORK/nginx/access.log"; }

check "the configuration is good" "$B/ctwardend" -n -c "$CONF"
start_daemon
check "it reads some of a large log" wait_for 15 sh -c \
    "[ \$(grep -c '/big/tile/data/.* 200' '$WORK/nginx/access.log') -gt 20 ]"
stop_nginx KILL
check "the server dies in the middle" [ "$(sql "SELECT r.next FROM range r JOIN log l
    ON l.number = r.log WHERE l.name = 'big'")" -lt 20000 ]
start_nginx "$WWW"
check "under a CA of our own a log is read" wait_for 25 read_to trusted 300
check "so is one whose certificate nobody vouches for" wait_for 10 read_to strange 300
check "which is told" event log-bad-tls strange "e.message LIKE '%does not verify%'"
check_not "but not of the other, on the same host" event log-bad-tls trusted
check "the frontier inside a log comes from hash tiles" wait_for 10 read_to late 300
check "a list is read under its CA, and its logs after it" wait_for 10 read_to listed 40
check_equal "a list that does not verify is not read" \
    "$(sql "SELECT subject FROM event WHERE kind = 'list-failed'")" unverified
check "the large log is read to its end" wait_for 25 read_to big 20000
check_equal "every entry once" "$(sql "SELECT SUM(c.until - c.start) FROM coverage c
    JOIN log l ON l.number = c.log WHERE l.name = 'big'")" 20000
check "over HTTP/2" seen 'GET /big/tile/data/[^ ]* HTTP/2.0" 200'
check "hash tiles come gzipped" seen '/late/tile/0/001.p/44 HTTP/2.0" 200 14[0-9][0-9] '
check_not "and not as they are" seen '/late/tile/0/001.p/44 HTTP/2.0" 200 1408 '
check "an idle log's head is not sent twice" wait_for 12 seen '/trusted/checkpoint HTTP/2.0" 304 0'

for log in $logs; do must tell own "$log grow 30"; done
stop_nginx
start_nginx "$WWW" other # a certificate for another name
publish $logs
check "another name on the certificate is told" wait_for 20 event log-bad-tls trusted
check "and reading goes on" wait_for 45 read_to trusted 330
check "for all of them" wait_for 5 read_to late 330
stop daemon
check_equal "it stops cleanly" $? 0
[ "$failed" = 0 ] || { sql "SELECT l.name, e.kind, e.message FROM event e LEFT JOIN log l
    ON l.number = e.log"; tail -n 40 "$WORK/daemon.out"; }
finish
