# What the system tests of the daemon share, on top of lib.sh: a configuration
# made of lines, ctwardend started with it, and looks into its database.

DB=$WORK/state/ctwarden.db
CONF=$WORK/ctwarden.conf

# begin_conf: the places and a quick poll; more lines go to $CONF.
begin_conf() {
	mkdir -p "$WORK/state"
	cat >"$CONF" <<-END
	state_dir = "$WORK/state"
	control = "$WORK/control"
	contact = "tests@ctwarden.example.net"
	poll = 10
	workers = ${WORKERS:-1}
	END
}

# follow_list [LINES...]: every log of the log server, by its signed list.
follow_list() {
	cat >>"$CONF" <<-END
	log_list "server" {
		file = "$LOG_DIR/log_list.json"
		signature = "$LOG_DIR/log_list.sig"
		key_file = "$LOG_DIR/list-key.pem"
		poll = 10
		start = ${START:-genesis}
		$(printf '%s\n' "$@")
	}
	END
}

# log_block SERVER PREFIX KIND [LINES...]: one log of start_another's servers.
log_block() {
	cat >>"$CONF" <<-END
	log "$2" {
		url = "${URL[$1]}/$2/"
		kind = $3
		origin = "log.example/$2"
		key = "$(cat "$WORK/$1/$2.key")"
		operator = "$1"
		start = genesis
		$(printf '%s\n' "${@:4}")
	}
	END
}

watch_domain() { printf 'domain "%s" {}\n' "$@" >>"$CONF"; }

webhook_sink() {
	cat >>"$CONF" <<-END
	webhook "hook" {
		url = "$WEBHOOK_URL"
		secret_file = "$WEBHOOK_SECRET"
		$(printf '%s\n' "$@")
	}
	END
}

start_daemon() { start daemon "$B/ctwardend" -f -c "$CONF" "$@"; }

# sql QUERY: what the database holds; reading only.
sql() { "$TOOLS/dbquery" "$DB" "$1"; }

# read_to LOG SIZE: LOG is committed and proved up to there.
read_to() {
	[ "$(sql "SELECT r.verified FROM range r JOIN log l ON l.number = r.log
	    WHERE l.name LIKE '%$1'")" = "$2" ]
}

# event KIND LOG: it befell the log; event_over: and is over.
event() {
	[ "$(sql "SELECT COUNT(*) FROM event e JOIN log l ON l.number = e.log
	    WHERE e.kind = '$1' AND l.name LIKE '%$2' AND (${3:-1})")" -gt 0 ]
}
event_over() { event "$1" "$2" "e.end_ms IS NOT NULL"; }

# A daemon that starts just then waits for it, by what it wrote into the lock.
held_as_command() { grep -qE '^[0-9]+ command$' "$DB.lock"; }
