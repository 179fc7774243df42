#!/bin/bash
# make demo: ctwardend at work on a log of the test tree's own, told to a
# person. Everything listens on loopback and is gone when the script ends;
# KEEP=DIR keeps what it leaves behind.
. "$(dirname "$0")/system/lib.sh"
. "$(dirname "$0")/system/daemon.sh"

chapter() { printf '\n%s\n%s\n\n' "$1" "$(printf '%*s' ${#1} '' | tr ' ' =)"; }
say() { fmt -w 78 <<<"$*"; }
ctwarden() { "$B/ctwarden" -c "$CONF" "$@"; }
# run ARGUMENTS...: shows the command, then what it says.
run() {
	echo "\$ ctwarden $*"
	ctwarden "$@"
}
get_json() { "$TOOLS/jsonget" "$@"; }
trouble() { echo "demo: $1" >&2; tail -n 20 "$WORK"/*.out >&2; exit 1; }
wait_or_tell() { # SECONDS WHAT COMMAND...
	local seconds=$1 what=$2
	shift 2
	wait_for "$seconds" "$@" || trouble "$what did not happen within $seconds s"
}

# --- the world ---------------------------------------------------------------------

chapter "A log of our own"
say "A log server on loopback serves one static log (tiles) and one of RFC 6962. \
They re-create, with fresh keys, what WoSign and StartCom did in 2015 and 2016: \
SHA-1 certificates after its end and backdated before it, one serial number for \
many certificates, names that nobody had asked for; among 500 innocent \
certificates. A web server takes webhooks, rsyslog takes syslog."

start_logserver --log "demo2016:static,like=sunlight" --log "demo2016classic:rfc6962" \
    --incident demo2016,demo2016classic,500
start_webhook
start_syslog
begin_conf
follow_list
webhook_sink
cat >>"$CONF" <<-END
	syslog "syslog" { address = "unix:$SYSLOG_SOCKET" }
	include = "$LOG_DIR/watch.conf"
	checks {
		disable = {"dns-internal-name", "test-certificate", "aia-invalid", "ski-missing"}
	}
END
echo
say "What is watched ($(grep -c '^domain' "$LOG_DIR/watch.conf") domains, \
$(grep -c '^ca' "$LOG_DIR/watch.conf") CAs):"
echo
grep -v '^#' "$LOG_DIR/watch.conf" | sed "s,$WORK/,,; s/^/    /"
echo
say "Four checks are off: they would say of every certificate here that its names \
end in .example, which no real one may, and that the makers of this demo left \
out a key identifier."

# --- following ---------------------------------------------------------------------

chapter "It reads both logs and proves them"
start_daemon
at_heads() {
	ctwarden --json logs |
	    get_json logs# coverage.entries_judged logs.0.head.tree_size logs.1.head.tree_size \
		logs.0.range.proved_to logs.1.range.proved_to |
	    awk -F'\t' '$1 == 2 && $3 > 0 && $2 == $3 + $4 && $3 == $5 && $4 == $6 { ok = 1 }
		END { exit !ok }'
}
wait_or_tell 60 "reading both logs" at_heads
say "Every head's signature is checked, every entry is hashed into the tree, and \
the root that comes out is the one that the log has signed:"
echo
run logs
echo
sql "SELECT l.name, h.size, substr(lower(hex(h.root)), 1, 16)
    FROM tree_head h JOIN log l ON l.number = h.log ORDER BY l.number, h.size" |
    awk -F'|' '{ printf "    %-32s head of %4d entries, root %s..., signature and consistency verified\n", $1, $2, $3 }'

# --- what was found -------------------------------------------------------------------

chapter "It stores what is watched, and judges it"
run status
echo
say "What the checks found, with one example each:"
echo
ctwarden --json findings >"$WORK/findings.json"
paths=$(seq 0 $(($(get_json findings# <"$WORK/findings.json") - 1)) |
	sed 's/.*/findings.&.check findings.&.level findings.&.message/')
get_json $paths <"$WORK/findings.json" | tr '\t' '\n' | paste - - - |
    awk -F'\t' 'BEGIN { rank["error"] = 1; rank["warning"] = 2; rank["notice"] = 3 }
	{ key = rank[$2] "\t" $2 "\t" $1; n[key]++; if (!(key in first)) first[key] = $3 }
	END { for (key in n) print key "\t" n[key] "\t" first[key] }' | sort -k1,1n -k4,4nr -k3,3 |
    awk -F'\t' '{ printf "    %4d  %-8s %-24s %.60s\n", $4, $2, $3, $5 }'

chapter "A finding, with its proof"
proved() { ctwarden --json findings --check sha1-after-sunset --level error |
	get_json findings.0.proof | grep -q tree_size; }
wait_for 20 proved
finding=$(ctwarden --json findings --check sha1-after-sunset --level error | get_json findings.0.id)
certificate=$(ctwarden --json findings --check sha1-after-sunset --level error |
	get_json findings.0.certificate)
echo "\$ ctwarden show $finding"
ctwarden show "$finding" | cut -c 1-110 | grep -v 'issuer_der\|_sha256'
echo
echo "\$ ctwarden show $certificate"
ctwarden show "$certificate" | sed '/^Findings/,$d' | cut -c 1-110

# --- now ------------------------------------------------------------------------------

chapter "Now something happens"
say "History is no news: what lay in the logs before the watch began was told as \
counts ($(grep -c '"kind":"digest"' "$WEBHOOK_OUT") of them). Now six things \
happen in the logs, and the daemon, which asks every 10 seconds, tells each:"
echo
before=$(wc -l <"$WEBHOOK_OUT")
for _ in 1 2 3 4 5 6; do
	what=$(tell_log incident | grep -v '^ok') || break
	echo "    the log takes $what"
done
news() { [ "$(grep -c '"kind":"finding"' "$WEBHOOK_OUT")" -ge 8 ] &&
	[ "$(wc -l <"$SYSLOG_OUT")" -ge "$(wc -l <"$WEBHOOK_OUT")" ]; }
wait_or_tell 60 "telling what happened" news
sleep 1
echo
say "The web server received, signed and with an id that drops doubles:"
echo
tail -n +$((before + 1)) "$WEBHOOK_OUT" | get_json level check message |
    awk -F'\t' '{ printf "    %-8s %-24s %.75s\n", $1, $2, $3 }'
echo
say "rsyslog received the same; the last of them:"
echo
tail -n 1 "$SYSLOG_OUT" | cut -d' ' -f2- | fold -s -w 100 | sed 's/^/    /'

# --- the end ------------------------------------------------------------------------------

chapter "And it stops"
stop daemon || trouble "ctwardend did not stop"
run search githost.example
echo
say "That was ctwardend on $(sql "SELECT SUM(until - start) FROM coverage") entries; \
the database still answers. README.md says how to point it at the real logs."
if [ -n "${KEEP:-}" ]; then
	cp -a "$WORK" "$KEEP" && echo "Everything is kept in $KEEP."
fi
