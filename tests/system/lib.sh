# What the system tests and the demo share: the servers of the outside world,
# each started alone on loopback in a folder of its own, and stopped when the
# script ends, however it ends. To be sourced by bash.
#
#	. "$(dirname "$0")/lib.sh"
#	start_logserver --log alpha:static,entries=300
#	check "a checkpoint" get "$LOG_URL/alpha/checkpoint"
#	finish
#
# B names the build folder of the tools (build/plain); WORK is the script's
# folder; everything that is started writes its output to $WORK/NAME.out.

export LC_ALL=C TZ=UTC
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
B=${B:-build/plain}
case $B in /*) ;; *) B=$TOP/$B ;; esac
TOOLS=$B/tools
if [ -n "${TEST_DIR:-}" ]; then
	WORK=$TEST_DIR
else
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/ctwarden-system.XXXXXX")
	WORK_IS_OURS=1
fi
PATH=$PATH:/usr/sbin:/sbin

passed=0 failed=0
declare -A PIDS=()

# --- counting ------------------------------------------------------------------

pass() { passed=$((passed + 1)); echo "ok: $1"; }
fail() {
	failed=$((failed + 1))
	echo "FAILED: $1"
	[ $# -lt 2 ] || printf '%s\n' "${@:2}" | sed 's/^/    /'
}

# check WHAT COMMAND...: passes when the command does.
check() {
	local what=$1 output
	shift
	if output=$("$@" 2>&1); then pass "$what"; else fail "$what" "$*" "$output"; fi
}

# check_not WHAT COMMAND...: passes when the command fails.
check_not() {
	local what=$1 output
	shift
	if output=$("$@" 2>&1); then fail "$what" "$*" "$output"; else pass "$what"; fi
}

# check_equal WHAT GOT WANTED
check_equal() {
	if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "got:    $2" "wanted: $3"; fi
}

# The closing line that tests/run.sh reads; the script's status.
finish() {
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
	exit
}

# wait_for SECONDS COMMAND...: until the command succeeds, looking 20 times a second.
wait_for() {
	local end=$((SECONDS + $1 + 1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# --- processes -----------------------------------------------------------------

# start NAME COMMAND...: in the background, output to $WORK/NAME.out.
start() {
	local name=$1
	shift
	"$@" >>"$WORK/$name.out" 2>&1 </dev/null &
	PIDS[$name]=$!
}

running() { [ -n "${PIDS[$1]:-}" ] && kill -0 "${PIDS[$1]}" 2>/dev/null; }

# stop NAME [SIGNAL]: and waits for its end; its status.
stop() {
	local pid=${PIDS[$1]:-}
	[ -n "$pid" ] || return 0
	unset "PIDS[$1]"
	kill "-${2:-TERM}" "$pid" 2>/dev/null
	for _ in $(seq 200); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.05
	done
	kill -KILL "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
}

at_exit() {
	local status=$?
	trap - EXIT INT TERM
	for name in "${!PIDS[@]}"; do stop "$name"; done
	[ -z "${WORK_IS_OURS:-}" ] || rm -rf "$WORK"
	exit "$status"
}
trap at_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

must() { "$@" || { echo "cannot: $*" >&2; tail -n 20 "$WORK"/*.out >&2; exit 2; }; }

free_port() { "$TOOLS/fetchurl" --free-port "${1:-1}"; }

listening() { # PORT: somebody accepts there
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# get [OPTIONS] URL: the body on stdout; fetchurl's words in $WORK/get.err.
get() { "$TOOLS/fetchurl" --max-time 20 "$@" 2>"$WORK/get.err"; }
# get_status [OPTIONS] URL: the HTTP status, 000 when the reply did not come whole.
get_status() {
	"$TOOLS/fetchurl" --max-time 20 "$@" >/dev/null 2>"$WORK/get.err"
	if [ $? -eq 2 ]; then echo 000; else sed -n 's/^status //p' "$WORK/get.err"; fi
}

# --- the log server --------------------------------------------------------------

# start_logserver OPTIONS...: as logserver --help says. Sets LOG_PORT, LOG_URL;
# key files and the list are in LOG_DIR, the list's URL is LOG_LIST_URL.
start_logserver() {
	LOG_DIR=$WORK/logs
	LOG_CONTROL=$WORK/logserver.sock
	LOG_ACCESS=$WORK/logserver.access
	mkdir -p "$LOG_DIR"
	rm -f "$WORK/logserver.port"
	start logserver "$TOOLS/logserver" --with-parent --port-file "$WORK/logserver.port" \
	    --port "${LOG_PORT:-0}" --control "$LOG_CONTROL" --out "$LOG_DIR" \
	    --access-log "$LOG_ACCESS" "$@"
	must wait_for 60 test -s "$WORK/logserver.port" -a -S "$LOG_CONTROL"
	LOG_PORT=$(cat "$WORK/logserver.port")
	LOG_URL=http://127.0.0.1:$LOG_PORT
	LOG_LIST_URL=$LOG_URL/files/log_list.json
}
# start_another NAME OPTIONS...: a log server beside that one, with a host of its
# own; everything of it is in $WORK/NAME, and URL[NAME] is its address.
declare -A URL=()
start_another() {
	local name=$1
	shift
	mkdir -p "$WORK/$name"
	start "$name" "$TOOLS/logserver" --with-parent --port-file "$WORK/$name/port" \
	    --control "$WORK/$name/control" --out "$WORK/$name" \
	    --access-log "$WORK/$name/access" "$@"
	must wait_for 60 test -s "$WORK/$name/port" -a -S "$WORK/$name/control"
	URL[$name]=http://127.0.0.1:$(cat "$WORK/$name/port")
}
# tell NAME "PREFIX COMMAND"
tell() { "$TOOLS/logserver" --tell "$WORK/$1/control" "$2" >/dev/null; }
# tell_log "PREFIX COMMAND"
tell_log() { "$TOOLS/logserver" --tell "$LOG_CONTROL" "$1"; }
# Starting it again keeps the port; the logs are new unless they have a key-file.
stop_logserver() { stop logserver "$@"; }

# --- the webhook receiver ----------------------------------------------------------

# start_webhook OPTIONS...: sets WEBHOOK_URL; bodies come to WEBHOOK_OUT, signed
# with the key in WEBHOOK_SECRET.
start_webhook() {
	WEBHOOK_OUT=$WORK/webhook.jsonl
	WEBHOOK_SECRET=$WORK/webhook.secret
	WEBHOOK_CONTROL=$WORK/webhook.sock
	[ -f "$WEBHOOK_SECRET" ] || echo "a secret of the tests" >"$WEBHOOK_SECRET"
	chmod 600 "$WEBHOOK_SECRET"
	touch "$WEBHOOK_OUT"
	rm -f "$WORK/webhook.port"
	start webhook "$TOOLS/webhook" --with-parent --port-file "$WORK/webhook.port" \
	    --port "${WEBHOOK_PORT:-0}" --control "$WEBHOOK_CONTROL" \
	    --secret-file "$WEBHOOK_SECRET" --out "$WEBHOOK_OUT" "$@"
	must wait_for 20 test -s "$WORK/webhook.port" -a -S "$WEBHOOK_CONTROL"
	WEBHOOK_PORT=$(cat "$WORK/webhook.port")
	WEBHOOK_URL=http://127.0.0.1:$WEBHOOK_PORT/alerts
}
tell_webhook() { "$TOOLS/webhook" --tell "$WEBHOOK_CONTROL" "$1"; }
stop_webhook() { stop webhook "$@"; }

# --- certificates for servers --------------------------------------------------------

# tls_leaf NAME SUBJECTALTNAME DAYS: $TLS_DIR/NAME.pem and NAME.key.
tls_leaf() {
	local at=$TLS_DIR/$1
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$at.key" \
	    -subj "/CN=$1" -out "$at.csr" 2>/dev/null &&
	    openssl x509 -req -in "$at.csr" -CA "$TLS_CA" -CAkey "$TLS_DIR/ca.key" \
		-days "$3" -extfile <(printf 'subjectAltName=%s\n' "$2") -out "$at.pem" \
		2>/dev/null
}

# make_tls: a CA (TLS_CA) and certificates: server (localhost, 127.0.0.1),
# other (another name), and stranger (the right names, signed by itself).
make_tls() {
	TLS_DIR=$WORK/tls
	TLS_CA=$TLS_DIR/ca.pem
	[ ! -f "$TLS_DIR/stranger.pem" ] || return 0
	mkdir -p "$TLS_DIR"
	must openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$TLS_DIR/ca.key" -subj "/CN=ctwarden test CA" -days 30 \
	    -out "$TLS_CA" 2>/dev/null
	must tls_leaf server DNS:localhost,IP:127.0.0.1 30
	must tls_leaf other DNS:elsewhere.example 30
	must openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$TLS_DIR/stranger.key" -subj "/CN=localhost" -days 30 \
	    -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" \
	    -out "$TLS_DIR/stranger.pem" 2>/dev/null
	chmod 644 "$TLS_DIR"/*
}

# --- rsyslog -----------------------------------------------------------------------

# start_syslog: sets SYSLOG_UDP, SYSLOG_TCP, SYSLOG_TLS (ports) and SYSLOG_SOCKET;
# what arrives stands in SYSLOG_OUT, a line each: the input's name, then the
# message as it came.
start_syslog() {
	make_tls
	SYSLOG_OUT=$WORK/syslog.received
	SYSLOG_SOCKET=$WORK/syslog.sock
	if [ -z "${SYSLOG_TLS:-}" ]; then
		read -r -d '' SYSLOG_UDP SYSLOG_TCP SYSLOG_TLS < <(free_port 3 | tr '\n' ' ')
	fi
	mkdir -p "$WORK/rsyslog"
	rm -f "$SYSLOG_SOCKET" "$WORK/rsyslog/pid"
	touch "$SYSLOG_OUT"
	cat >"$WORK/rsyslog/rsyslog.conf" <<-END
		global(workDirectory="$WORK/rsyslog" maxMessageSize="64k"
		    defaultNetstreamDriverCAFile="$TLS_CA"
		    defaultNetstreamDriverCertFile="$TLS_DIR/server.pem"
		    defaultNetstreamDriverKeyFile="$TLS_DIR/server.key")
		module(load="imuxsock" sysSock.use="off")
		module(load="imudp")
		module(load="imtcp")
		template(name="whole" type="string" string="%inputname% %rawmsg%\n")
		ruleset(name="all") {
			action(type="omfile" file="$SYSLOG_OUT" template="whole")
		}
		input(type="imuxsock" socket="$SYSLOG_SOCKET" ruleset="all"
		    useSpecialParser="off" parseHostname="on")
		input(type="imudp" address="127.0.0.1" port="$SYSLOG_UDP" name="udp"
		    ruleset="all")
		input(type="imtcp" address="127.0.0.1" port="$SYSLOG_TCP" name="tcp"
		    ruleset="all")
		input(type="imtcp" address="127.0.0.1" port="$SYSLOG_TLS" name="tls"
		    ruleset="all" streamDriver.name="ossl" streamDriver.mode="1"
		    streamDriver.authMode="anon")
	END
	start rsyslogd rsyslogd -n -iNONE -f "$WORK/rsyslog/rsyslog.conf"
	must wait_for 20 listening "$SYSLOG_TLS"
	must wait_for 20 test -S "$SYSLOG_SOCKET"
}
stop_syslog() { stop rsyslogd "$@"; }

# --- nginx --------------------------------------------------------------------------

# start_nginx FOLDER [CERTIFICATE]: https://localhost:$NGINX_TLS (HTTP/2, gzip on
# request) and http://127.0.0.1:$NGINX_HTTP serve FOLDER's files below /, the log
# server below /logs/ and the webhook receiver below /hook/. CERTIFICATE is one of
# make_tls's names; default: server.
start_nginx() {
	local user=
	make_tls
	if [ -z "${NGINX_TLS:-}" ]; then
		read -r -d '' NGINX_HTTP NGINX_TLS < <(free_port 2 | tr '\n' ' ')
	fi
	NGINX_URL=https://localhost:$NGINX_TLS
	mkdir -p "$WORK/nginx"
	[ "$(id -u)" -ne 0 ] || user="user root;"
	cat >"$WORK/nginx/nginx.conf" <<-END
		$user
		daemon off;
		pid $WORK/nginx/pid;
		error_log $WORK/nginx/error.log info;
		events { worker_connections 512; }
		http {
			access_log $WORK/nginx/access.log;
			client_body_temp_path $WORK/nginx/body;
			proxy_temp_path $WORK/nginx/proxy;
			fastcgi_temp_path $WORK/nginx/fastcgi;
			uwsgi_temp_path $WORK/nginx/uwsgi;
			scgi_temp_path $WORK/nginx/scgi;
			default_type application/octet-stream;
			gzip on;
			gzip_min_length 1;
			gzip_types application/octet-stream application/json text/plain;
			server {
				listen 127.0.0.1:$NGINX_HTTP;
				listen 127.0.0.1:$NGINX_TLS ssl http2;
				server_name localhost;
				ssl_certificate $TLS_DIR/${2:-server}.pem;
				ssl_certificate_key $TLS_DIR/${2:-server}.key;
				root $1;
				location /logs/ {
					proxy_http_version 1.1;
					proxy_buffering off;
					proxy_pass http://127.0.0.1:${LOG_PORT:-9}/;
				}
				location /hook/ {
					proxy_pass http://127.0.0.1:${WEBHOOK_PORT:-9}/;
				}
			}
		}
	END
	start nginx nginx -c "$WORK/nginx/nginx.conf" -e "$WORK/nginx/error.log"
	must wait_for 20 listening "$NGINX_TLS"
}
# Its workers go with it, also where it has no time to tell them.
stop_nginx() {
	local workers pid=${PIDS[nginx]:-0}
	workers=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null)
	stop nginx "${1:-QUIT}"
	[ -z "$workers" ] || kill -KILL $workers 2>/dev/null
	return 0
}
