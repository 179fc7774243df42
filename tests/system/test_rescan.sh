#!/bin/bash
# What is stored is judged again: when a check runs that did not, when a list
# that checks look things up in has changed, and when it is asked for; a kill in
# the midst of it repeats nothing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"

ctwarden() { "$B/ctwarden" -c "$CONF" "$@"; }
open_of() { sql "SELECT COUNT(*) FROM finding WHERE check_id = '$1' AND state = 0"; }
closed_of() { sql "SELECT COUNT(*) FROM finding WHERE check_id = '$1' AND state = 1
    AND why = 'rule-change'"; }
all_done() { [ "$(sql "SELECT COUNT(*) FROM rescan WHERE ended_ms IS NULL")" = 0 ]; }
rescans() { sql "SELECT COUNT(*) FROM rescan"; }
more_than() { [ "$(rescans)" -gt "$1" ] && all_done; }
delta() { sql "SELECT fresh || ' ' || gone || ' ' || unchanged FROM rescan_delta WHERE check_id = '$1'
    AND rescan = (SELECT MAX(number) FROM rescan)"; }
# configure LINES...: the checks section.
configure() {
	cp "$WORK/base.conf" "$CONF"
	printf 'checks {\n%s\n}\n' "$(printf '%s\n' "$@")" >>"$CONF"
}
reload() { kill -HUP "${PIDS[daemon]}"; }

start_logserver --log "tiled:static" --log "classic:rfc6962" --log "many:static,entries=900" --incident tiled,classic,300
start_webhook
begin_conf
follow_list
cat >>"$CONF" <<-END
	news_since = 2015-01-01
	include = "$LOG_DIR/watch.conf"
END
webhook_sink
watch_domain grown.example
cp "$CONF" "$WORK/base.conf"

# --- a check that did not run ------------------------------------------------------

configure 'disable = {"sha1-after-sunset", "country-invalid"}'
start_daemon
level() { ctwarden --json logs | "$TOOLS/jsonget" logs.0.behind logs.1.behind logs.2.behind coverage.entries_proved |
	awk '$1 == 0 && $2 == 0 && $3 == 0 && $4 > 1500 { ok = 1 } END { exit !ok }'; }
check "the logs are read" wait_for 30 level
check_equal "the check that is off finds nothing" "$(open_of sha1-after-sunset)" 0
check_equal "nothing is judged again at the first start" "$(rescans)" 0
others=$(sql "SELECT COUNT(*), SUM(last_seen_ms) FROM finding WHERE check_id NOT IN
    ('sha1-after-sunset', 'backdated-over-deadline') AND subject_kind = 'certificate'")
failed_before=$(sql "SELECT COUNT(*) FROM statistic WHERE name LIKE '%failed.sha1-after-sunset'")
check_equal "and nothing is counted for it" "$failed_before" 0

configure 'disable = {"country-invalid"}'
reload
check "it is switched on: what is stored is judged again" wait_for 30 more_than 0
found=$(open_of sha1-after-sunset)
check "and found" test "$found" -gt 50
check_equal "the table says so" "$(delta sha1-after-sunset)" "$found 0 0"
check_equal "other checks' findings are not touched" "$(sql "SELECT COUNT(*), SUM(last_seen_ms)
    FROM finding WHERE check_id NOT IN ('sha1-after-sunset', 'backdated-over-deadline')
    AND subject_kind = 'certificate'")" "$others"
check "it is told" wait_for 20 grep -q '"check":"sha1-after-sunset"' "$WEBHOOK_OUT"
check_equal "each certificate is counted" "$(sql "SELECT SUM(count) FROM statistic
    WHERE name = 'nb.failed.sha1-after-sunset'")" "$(sql "SELECT COUNT(DISTINCT subject)
    FROM finding WHERE check_id = 'sha1-after-sunset' AND state = 0")"
check "it says for how long and of what" ctwarden rescan --status
check "in words" grep -q 'have changed): done after .* certificates judged again' \
    <(ctwarden rescan --status -n 1)
check "with the window" grep -q 'covered: notBefore 20[0-9-]* to 20' <(ctwarden rescan --status)
reload
sleep 1
check_equal "a reload without a change is none" "$(rescans)" 1

# --- a list that changed --------------------------------------------------------------

printf '# version: 1\nZZ\n' >"$WORK/countries"
configure "country_file = $WORK/countries"
reload
check "a check that looks at a list" wait_for 30 more_than 1
countries=$(open_of country-invalid)
check "finds what the list does not have" test "$countries" -gt 2
check_equal "by its version" "$(sql "SELECT DISTINCT data_version LIKE '%countries=1' FROM finding
    WHERE check_id = 'country-invalid' AND state = 0")" 1
printf '# version: 2\nUS\nIL\nCN\nDE\nUK\n' >"$WORK/countries"
reload
check "another list" wait_for 30 more_than 2
check_equal "closes what holds no longer" "$(closed_of country-invalid)" "$countries"
check_equal "and the table says so" "$(delta country-invalid)" "0 $countries 0"
check_equal "nothing is deleted" "$(sql "SELECT COUNT(*) FROM finding
    WHERE check_id = 'country-invalid'")" "$countries"
check_equal "nor counted any more" "$(sql "SELECT SUM(count) FROM statistic
    WHERE name = 'nb.failed.country-invalid'")" 0
printf '# version: 3\nnonsense\n' >"$WORK/countries"
reload
check "a broken list is told with its line" wait_for 10 grep -q 'countries: .*"nonsense"' \
    "$WORK/daemon.out"
check_equal "and leaves the one before in force" "$(rescans)" 3
printf '# version: 2\nUS\nIL\nCN\nDE\nUK\n' >"$WORK/countries"

# --- asked for ---------------------------------------------------------------------------

check "asked for" test "$(ctwarden rescan --check sha1-after-sunset |
    awk '$1 == "sha1-after-sunset" { print $2, $3, $4 }')" = "0 0 $found"
check_equal "of a window" "$(ctwarden --json rescan --check sha1-after-sunset --from 2030-01-01 |
    "$TOOLS/jsonget" rescans.0.judged)" 0
remembered() { sql "SELECT check_id, hex(key), bucket, hex(value) FROM check_state
    ORDER BY check_id, key, bucket"; }
remembered >"$WORK/remembered"
judged=$(ctwarden --json rescan --domain githost.example | "$TOOLS/jsonget" rescans.0.judged)
check "of a domain" test "$judged" -gt 0 -a "$judged" -lt 100
check_equal "each certificate with such a name, once" "$judged" "$(sql "SELECT
    COUNT(DISTINCT certificate) FROM name WHERE name = 'example.githost' OR
    name GLOB 'example.githost.*'")"
check "of a CA" test "$(ctwarden --json rescan --ca "WoSign (re-creation)" |
    "$TOOLS/jsonget" rescans.0.judged)" -gt 100
remembered >"$WORK/after"
check "some of it leaves alone what checks remember" cmp "$WORK/remembered" "$WORK/after"
check_not "of no CA" ctwarden rescan --ca nobody
check_not "of no check" ctwarden rescan --check nothing
check_equal "nothing new, nothing gone" "$(sql "SELECT SUM(fresh) + SUM(gone) FROM rescan_delta
    WHERE rescan > 3")" 0

# --- kill -9 ------------------------------------------------------------------------------

dump() { sql "SELECT hex(id), state, alert_generation, why FROM finding
    WHERE subject_kind NOT IN ('log', 'operator') ORDER BY id"; }
ctwarden rescan >/dev/null # what is judged with all that came later may find more
dump >"$WORK/before"
remembered >"$WORK/remembered"
check "some checks remember" test -s "$WORK/remembered"
undisturbed=$(sql "SELECT judged || ' ' || passed_over FROM rescan ORDER BY number DESC LIMIT 1")
in_the_midst() { [ "$(sql "SELECT phase = 1 AND after > 0 FROM rescan
    ORDER BY number DESC LIMIT 1")" = 1 ]; }
kills=0
ctwarden rescan --no-wait >/dev/null
for _ in 1 2 3 4 5 6; do
	wait_for 5 in_the_midst && kills=$((kills + 1))
	stop daemon KILL
	start_daemon
	! wait_for 1 all_done || break
done
check "killed in the midst of it" test "$kills" -gt 0
check "it goes on" wait_for 60 all_done
check_equal "each certificate was judged once" \
    "$(sql "SELECT judged || ' ' || passed_over FROM rescan ORDER BY number DESC LIMIT 1")" \
    "$undisturbed"
check_equal "each finding counted once" "$(sql "SELECT SUM(fresh) || ' ' || SUM(gone) || ' ' || SUM(unchanged)
    FROM rescan_delta WHERE rescan = (SELECT MAX(number) FROM rescan)")" \
    "0 0 $(sql "SELECT COUNT(*) FROM finding WHERE state = 0 AND subject_kind NOT IN ('log', 'operator')
	AND check_id != 'issuance-spike'")" # of hours, which a rescan leaves alone
dump >"$WORK/after"
check "and all stands as before" cmp "$WORK/before" "$WORK/after"
remembered >"$WORK/after"
check "also what checks remember: nothing is counted twice" cmp "$WORK/remembered" "$WORK/after"

# --- without the daemon -------------------------------------------------------------------

stop daemon
check "without the daemon it is written down" grep -q 'begins when ctwardend is started' \
    <(ctwarden rescan --check sha1-after-sunset)
check "by a command that a daemon waits for" held_as_command
start_daemon
check "and done by the next" wait_for 30 all_done
check_equal "as it was asked for" "$(delta sha1-after-sunset)" "0 0 $found"

# --- days of rest --------------------------------------------------------------------------

last_checks() { sql "SELECT checks FROM rescan ORDER BY number DESC LIMIT 1"; }
printf '# version: cn-1\n2015-12-21 a Monday\n' >"$WORK/days"
configure 'disable = {"country-invalid"}'
cat >>"$CONF" <<-END
	ca "Resting CA" {
		organization = {"Resting CA"}
		holiday_file = "$WORK/days"
	}
END
before=$(rescans)
reload
check "a file of days" wait_for 30 more_than "$before"
check "is what one check looks at" grep -qw notbefore-calendar <(last_checks)
before=$(rescans)
printf '# version: cn-1\n2015-12-21\n2015-12-22\n' >"$WORK/days"
reload
check "other days under the same name" wait_for 30 more_than "$before"
check_equal "is judged by alone" "$(last_checks)" notbefore-calendar
before=$(rescans)
printf '# version: cn-3\n2015-12-21\nsoon\n' >"$WORK/days"
reload
check "a broken one is told with its line" wait_for 10 grep -q \
    'holiday_file: .*days: line 3: "soon"' "$WORK/daemon.out"
check_equal "and leaves the one before in force" "$(rescans)" "$before"
finish
