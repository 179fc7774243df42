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
