#!/bin/bash
# What a CA claims and promises is held against what is counted, once a day's
# logs are read; ctwarden rates prints the counts.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"

ctwarden() { "$B/ctwarden" -c "$CONF" "$@"; }
finding() { [ "$(sql "SELECT COUNT(*) FROM finding WHERE check_id = '$1' AND state = ${2:-0}")" -eq "${3:-1}" ]; }

start_logserver --log "tiled:static" --log "classic:rfc6962" --incident tiled,classic,0
start_webhook
begin_conf
follow_list
echo "include = \"$LOG_DIR/watch.conf\"" >>"$CONF"
webhook_sink
start_daemon
level() { ctwarden --json logs | "$TOOLS/jsonget" logs.0.behind logs.1.behind coverage.entries_proved |
	awk '$1 == 0 && $2 == 0 && $3 > 100 { ok = 1 } END { exit !ok }'; }
check "the logs are read" wait_for 30 level
issued=$(ctwarden --json rates --ca "WoSign (re-creation)" --from 2015-01-01 --to 2016-01-01 |
	"$TOOLS/jsonget" rates.0.count)
check "certificates are counted" test "$issued" -gt 50
# Certificates with an error of names or dates, each once.
check_equal "serious ones are counted once each" \
    "$(sql "SELECT SUM(count) FROM statistic WHERE name = 'nb.serious'")" \
    "$(sql "SELECT COUNT(DISTINCT subject) FROM finding WHERE state = 0 AND level = 2
	AND subject_kind = 'certificate' AND check_id IN ('backdated-vs-sct',
	'backdated-over-deadline', 'forward-dated', 'dns-internal-name', 'dns-syntax',
	'cn-not-in-san', 'country-invalid', 'subject-encoding')")"
ctwarden rates --ca "WoSign (re-creation)" --peers >"$WORK/peers"
check "others stand beside it" grep -q '^PEER .*SERIOUS' "$WORK/peers"
key=$(sql "SELECT lower(hex(spki_sha256)) FROM issuer WHERE number = (SELECT issuer FROM statistic
    WHERE name = 'nb.issued' GROUP BY issuer ORDER BY SUM(count) DESC LIMIT 1)")
stop daemon

# A CA of its own that has the busiest issuer's key.
count=$(sql "SELECT SUM(count) FROM statistic WHERE name = 'nb.issued' AND issuer IN
    (SELECT number FROM issuer WHERE lower(hex(spki_sha256)) = '$key')")
cat >>"$CONF" <<-END
ca "Claimant" {
	spki = {"$key"}
	claims = {"issued 2000-01-01 2026-01-01 $count", "misissued 2000-01-01 2026-01-01 0"}
	commitments = {"no-issuance 2000-01-01 2001-01-01", "no-issuance 2015-01-01"}
}
END
start_daemon
check "a claim that there is none is refuted" wait_for 40 finding claim-mismatch
check "the other one is not" grep -q 'misissued 2000-01-01 2026-01-01 0' \
    <(ctwarden findings --check claim-mismatch)
check "promises are broken: its own, and the one in the CA's block" \
    wait_for 20 finding commitment-broken 0 2
check "they are told" wait_for 20 grep -q '"check":"commitment-broken".*no-issuance' "$WEBHOOK_OUT"
check_equal "they are the operator's" "$(sql "SELECT DISTINCT subject_kind FROM finding
    WHERE check_id IN ('claim-mismatch', 'commitment-broken')")" operator
stop daemon

start_daemon
sleep 12
check "told once" test "$(grep -c '"check":"claim-mismatch"' "$WEBHOOK_OUT")" -eq 1
finish
