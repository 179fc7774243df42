#!/bin/bash
# One daemon, many logs, and each of them misbehaves in a way of its own: what
# the database says of it, and that the healthy ones beside it do not wait.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"

# Who asks too much makes its whole host rest: these have hosts of their own.
limited() { # NAME COMMAND...
	start_another "$1" --log "$1:static,entries=40" --command "$1 ${*:2}"
}
limited seconds "429 3 on *checkpoint count 1"
limited dated "429 date on *checkpoint count 1"
limited lenient "429 skylight on *checkpoint count 1"
limited past "429 past on *checkpoint count 2"
limited junk "429 whenever on *checkpoint count 2"

start_another good --log healthy:static,entries=300 --log classic:rfc6962,entries=300,max=64

# The others share one host, and two healthy logs share it with them.
LOGS=() COMMANDS=()
bad() { # NAME KIND COMMAND...
	LOGS+=(--log "$1:$2,entries=300,max=64")
	local command
	for command in "${@:3}"; do COMMANDS+=(--command "$1 $command"); done
	KIND[$1]=$2
}
declare -A KIND=()
bad beside static
bad besides rfc6962
bad busy static "fail 503 on *checkpoint count 3"
bad swamped rfc6962 "fail 500 body 400000 on *get-entries* count 1"
bad parked static "html-200 on *data/000 count 1"
bad empty rfc6962 "empty-200 on *get-sth count 1"
bad terse rfc6962 "short 7"
bad silent rfc6962 "no-entries"
bad broken static "truncate 1000 on *data/000 count 1" "reset on *data/001* count 1"
bad slow static "slow 60000 on *data/*"
bad hanging static "hang on *data/000 count 1"
bad huge static "huge 300000 on *checkpoint count 1"
bad moved static "redirect ${URL[good]}/healthy/checkpoint on *checkpoint"
bad squeezed static "gzip always"
bad hidden static "unlabelled-gzip on *data/*"
bad squashed static "bad-gzip on *data/000 count 1"
bad ragged static "missing-partials"
bad orphan static "missing-issuer"
bad stale static "head-time -90000000"
bad future rfc6962 "head-time 3600000"
bad forger static "bad-signature"
bad stranger rfc6962 "wrong-key"
bad dreamer rfc6962 "wrong-root"
bad flipped static "flip 700 on *data/000 count 1"
bad bent static "corrupt-entry 120"
bad crooked rfc6962 "corrupt-entry 120"
bad odd rfc6962 "odd unknown-type" "odd garbage" "odd half" "odd broken-chain"
bad forked static
bad split rfc6962
bad twofaced static
bad shrunk rfc6962
bad mute rfc6962
bad frozen static
bad lagging rfc6962
bad untiled static
bad cached rfc6962
bad blind rfc6962 "fail 404 on *proof*"
bad refused rfc6962 "fail 404 on *proof*"
start_another bad "${LOGS[@]}" "${COMMANDS[@]}"

begin_conf
echo 'requests_per_second = 500' >>"$CONF"
for log in seconds dated lenient past junk; do log_block "$log" "$log" static; done
log_block good healthy static
log_block good classic rfc6962
for log in "${!KIND[@]}"; do
	case $log in
	blind) log_block bad blind rfc6962 "start = 100" "unproved_start = yes" ;;
	refused) log_block bad refused rfc6962 "start = 100" ;;
	*) log_block bad "$log" "${KIND[$log]}" ;;
	esac
done
watch_domain host-0.grown.example host-123.grown.example watched.example

check "the configuration is good" "$B/ctwardend" -n -c "$CONF"
start_daemon

# --- what only delays: it is waited for, and read --------------------------------------

all_read() { local log; for log in "$@"; do read_to "$log" 300 || return; done; }
check "healthy logs are read at once" wait_for 6 all_read healthy classic
check "so are healthy logs on the host of the others" wait_for 4 all_read beside besides
check "short replies, gzip in every way, slow bytes" \
    wait_for 10 all_read terse squeezed hidden slow
check "what breaks off is asked for again" wait_for 10 all_read broken
check "bytes that were bent on their way are read again, and proved" \
    wait_for 10 all_read flipped
check_equal "the bent ones have left nothing" "$(sql "SELECT COUNT(*) FROM seen s
    JOIN log l ON l.number = s.log WHERE l.name = 'flipped'")" 2
check "odd entries stop nothing" wait_for 5 read_to odd 304
tell bad "ragged grow 212" # its last tile fills
check "one of an unknown type is kept and told" event entry-unparsed odd "e.message LIKE '%300%'"
check "so is text that may name what is watched" \
    event entry-unparsed-match odd "e.message LIKE '%301%watched.example%'"
check_equal "all of them whole" "$(sql "SELECT COUNT(*) FROM entry e JOIN log l
    ON l.number = e.log WHERE l.name = 'odd' AND e.state = 0 AND length(e.leaf) > 0")" 3
check "entries wait for an issuer that is nowhere" [ "$(sql "SELECT COUNT(*) FROM entry e
    JOIN log l ON l.number = e.log WHERE l.name = 'orphan' AND e.state = 1")" -gt 0 ]
check "and the log goes on" all_read orphan

# --- what is signed and wrong: told at once, with evidence -------------------------------

check "a bad signature" wait_for 2 event head-bad-signature forger
check "another key's signature" event head-bad-signature stranger
check_equal "nothing of it is believed" "$(sql "SELECT COUNT(*) FROM tree_head h JOIN log l
    ON l.number = h.log WHERE l.name IN ('forger', 'stranger')")" 0
for log in bent crooked dreamer; do
	check "$log: entries that do not make the root stop it" wait_for 10 \
	    event entries-mismatch $log "json_extract(e.evidence, '$.head_root') <> ''"
done
check "what is proved of it stays proved" read_to crooked 64
"$B/ctwarden" -c "$CONF" logs >"$WORK/logs"
check "ctwarden logs says why" grep -q 'bent.*do not hash to what it signed' "$WORK/logs"
check "a start that cannot be proved is told" wait_for 3 event start-unproved blind
check "and read, where that is allowed" [ "$(sql "SELECT r.next FROM range r JOIN log l
    ON l.number = r.log WHERE l.name = 'blind' AND r.verified = 100")" = 300 ]

# --- what changes while it is watched ------------------------------------------------------

check "these were honest so far" wait_for 10 all_read forked split twofaced shrunk frozen \
    lagging untiled cached mute
changed=$SECONDS
tell bad "forked fork 150"
tell bad "twofaced fork 10 alternate"
tell bad "split fork 150" && tell bad "split grow 10"
tell bad "shrunk shrink 200"
tell bad "frozen freeze" && tell bad "frozen grow 10"
tell bad "lagging grow 10" && tell bad "lagging stale-head 1 alternate"
tell bad "untiled corrupt-tile 0 1" && tell bad "untiled grow 300"
tell bad "cached cache any-query on *consistency*" && tell bad "cached grow 10"
tell bad "mute fail 501 on *consistency*" && tell bad "mute grow 10"
tell bad "forger bad-signature off"
for log in healthy classic; do tell good "$log grow 10"; done
for log in beside besides; do tell bad "$log grow 10"; done
grown() { local log; for log in healthy classic beside besides; do read_to $log 310 || return; done; }
check "healthy logs go on at the next poll" wait_for 12 grown
check "two roots for one size: a split view" wait_for 5 event head-split-view forked
check "also where each is shown in turn" event head-split-view twofaced
check "a tree that does not continue the one before" wait_for 5 event head-inconsistent split
check_equal "both heads are kept" "$(sql "SELECT COUNT(*) FROM tree_head h JOIN log l
    ON l.number = h.log WHERE l.name = 'forked' AND h.size = 300")" 2
check "a head over fewer entries moves nothing back" read_to shrunk 300
check "a frozen head moves nothing" read_to frozen 300
check "an older head between the new ones does not hold it up" wait_for 12 read_to lagging 310
check "an honest signature again: it is over" wait_for 12 event_over head-bad-signature forger
check "and it is read" wait_for 5 read_to forger 300

# --- what takes its time -----------------------------------------------------------------------

check "errors, parked pages, empty and large bodies" \
    wait_for 15 all_read swamped parked empty squashed huge
check "a log that hangs is asked again" wait_for 20 all_read hanging
check "a log that fails is told after three times" wait_for 10 event log-unreachable busy
check "and when it answers again" wait_for 15 event_over log-unreachable busy
check "it was read" wait_for 3 read_to busy 300
check "without partial tiles the entries prove what no proof shows" \
    wait_for 12 read_to ragged 512
check "which is told" event proof-unavailable ragged
check "where the log answers no question for proofs, too" wait_for 12 read_to mute 310
check "a cache that ignores the question is gone round" read_to cached 310
check "a head too old" wait_for 5 event head-stale stale
check "a head from the future" event head-in-future future
check "fewer entries, signed again and again" wait_for 12 event head-shrank shrunk
check "redirects are refused" wait_for 5 event log-unreachable moved "e.message LIKE '%redirect%'"
check_equal "and not followed" "$(grep -c healthy/checkpoint "$WORK/good/access")" \
    "$(grep healthy/checkpoint "$WORK/good/access" | grep -c ctwarden)"
check "no entries at all are told" wait_for 5 event entries-unavailable silent
check "a start that cannot be proved is refused" wait_for 5 event start-refused refused
check "a hash tile that is wrong convicts nobody" wait_for 1 event tile-mismatch untiled
tell bad "untiled corrupt-tile off"
check "and is forgotten when it is right" wait_for 12 read_to untiled 600

# --- hosts that ask for rest --------------------------------------------------------------------

rested() { # NAME: milliseconds between its first 429 and the next request
	awk '$4 == 429 && !since { since = $1; next } since { print $1 - since; exit }' \
	    "$WORK/$1/access"
}
for log in seconds dated lenient past junk; do
	check "$log: read in the end" wait_for 5 read_to $log 40
done
check "Retry-After in seconds is kept" [ "$(rested seconds)" -ge 3000 ]
check "as a date" [ "$(rested dated)" -ge 1000 ]
check "as a date that is none" [ "$(rested lenient)" -ge 1000 ]
check "a date that is past means no tight loop" [ "$(rested past)" -ge 1000 ]
check "nor does nonsense" [ "$(rested junk)" -ge 1000 ]

# --- a leaf that is known to be bad --------------------------------------------------------------

leaf=$(get "${URL[bad]}/bent/tile/0/000" | tail -c +$((120 * 32 + 1)) | head -c 32 |
    od -An -v -tx1 | tr -d ' \n')
sed -i "/^log \"bent\"/a known_bad = {\"120:$leaf\"}" "$CONF"
kill -HUP "${PIDS[daemon]}"
check "the tree takes the leaf that it is told" wait_for 15 read_to bent 300
check "which is told" event known-bad-leaf bent
check_equal "and a gap" "$(sql "SELECT g.start, g.until FROM gap g JOIN log l
    ON l.number = g.log WHERE l.name = 'bent'")" "120|121"

stop daemon
check_equal "it stops cleanly" $? 0
check_equal "the database is whole" "$(sql "PRAGMA integrity_check")" ok
[ "$failed" = 0 ] || { sql "SELECT l.name, e.kind, e.message FROM event e LEFT JOIN log l
    ON l.number = e.log"; tail -n 40 "$WORK/daemon.out"; }
echo "$SECONDS seconds"
finish
