#!/bin/bash
# The WoSign affair, made again in two logs: the daemon finds what the manifest
# says, of every case, and nothing else; and tells what happens while it looks.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"

holds_manifest() {
	"$TOOLS/incidentcheck" "$DB" "$LOG_DIR/manifest.json" >"$WORK/manifest.out"
}

start_logserver --log "tiled:static,like=sunlight" --log "classic:rfc6962,max=64" \
    --incident tiled,classic,300
start_webhook
begin_conf
cat >>"$CONF" <<-END
include = {"$LOG_DIR/watch.conf"}
news_since = 2010-01-01
END
follow_list
webhook_sink
start_daemon

check "what the manifest says is found, of every case, and nothing else" \
    wait_for 60 holds_manifest
tail -n 20 "$WORK/manifest.out"
check_equal "everything found on a verified CA names its evidence" \
    "$(sql "SELECT COUNT(*) FROM finding WHERE evidence NOT LIKE '%\"check\":%'")" 0
check_equal "the duplicate serials give a conflict for each member but the first" \
    "$(sql "SELECT (SELECT COUNT(*) FROM finding WHERE check_id = 'duplicate-serial') -
	(SELECT COUNT(*) FROM finding WHERE check_id = 'serial-tbs-conflict') > 0")" 1
check_equal "and each is its own certificate's" \
    "$(sql "SELECT COUNT(*) - COUNT(DISTINCT certificate) FROM finding
	WHERE check_id = 'duplicate-serial'")" 0

check_equal "the 62 fall on one day by the operator's clock, on two by UTC" \
    "$(sql "SELECT GROUP_CONCAT(n) FROM (SELECT COUNT(*) AS n FROM finding JOIN
	certificate AS c ON c.number = certificate WHERE check_id = 'notbefore-cluster' AND
	subrule IN ('local-day', 'utc-day') AND hi_ms / 86400000 = 16841
	GROUP BY subrule, CASE subrule WHEN 'utc-day' THEN not_before_s / 86400 END
	ORDER BY n)")" 22,40,62
check_equal "a new CA's chain leads to the root, and names its first certificate" \
    "$(sql "SELECT COUNT(*) > 0 FROM finding WHERE check_id = 'new-intermediate' AND
	evidence LIKE '%\"chains\":[{\"root\":\"%Certification Authority of WoSign%' AND
	evidence LIKE '%\"root_known\":true%' AND evidence LIKE '%\"first_leaf\":{%'")" 1
check_equal "the cross-certificate's new path leads to the other operator's root" \
    "$(sql "SELECT COUNT(*) > 0 FROM finding WHERE check_id = 'cross-sign' AND
	evidence LIKE '%\"new_paths\":[{\"root\":\"%Certinomis%' AND
	evidence LIKE '%\"leaves_issued\":%'")" 1
check_equal "what ends at one instant is told once" \
    "$(sql "SELECT COUNT(*) FROM finding WHERE check_id = 'template-notafter'")" 1

all_proved() {
	[ "$(sql "SELECT COUNT(*) FROM finding WHERE log <> 0 AND
	    proof NOT LIKE '%\"path\":%'")" = 0 ]
}
check "every finding gets its inclusion proof to a signed head" wait_for 60 all_proved

alerts_before=$(sql "SELECT COUNT(*) FROM outbox")
for _ in 1 2 3 4 5 6; do tell_log "incident" >/dev/null; done
tell_log "tiled publish" >/dev/null
tell_log "classic publish" >/dev/null
more_alerts() { [ "$(sql "SELECT COUNT(*) FROM outbox")" -gt "$alerts_before" ]; }
check "what happens now is told now" wait_for 30 more_alerts
check "and is what the manifest then says" wait_for 30 holds_manifest
ca() { "$B/ctwarden" -c "$CONF" "$@"; }
tree=$(ca ca "WoSign (re-creation)")
check "ctwarden ca draws the family" grep -q \
    '^Certification Authority of WoSign (re-creation) \[[0-9a-f]*\] named$' <<<"$tree"
check "with who signed whom" grep -q '^|-- WoSign CA Free SSL Certificate G2 (re-creation) ' \
    <<<"$tree"
check "the cross-sign marked" grep -q \
    '2017-04-13 to 2027-04-13.*signed by Certinomis - Root CA .*CROSS-SIGN$' <<<"$tree"
check "what programs decided" grep -q '^Mozilla trusts no certificate whose notBefore' <<<"$tree"
check "and from where on it is complete" grep -q 'judged for the family as it is now' <<<"$tree"
check "a shared key, too" grep -q '^|   SHARED KEY: it also bears the name StartCom BR SSL' \
    <<<"$(ca ca "StartCom (re-creation)")"
check "in JSON" grep -q '"cross_sign": *true' <<<"$(ca --json ca "wosign (RE-CREATION)")"
check "and a line for each CA" grep -q '^StartCom (re-creation)  *idle  *1  *2 ' <<<"$(ca ca)"
check_not "an unknown one is none" ca ca nobody

stop daemon
check_equal "it stops cleanly" $? 0
finish
