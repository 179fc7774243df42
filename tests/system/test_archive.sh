#!/bin/bash
# Archived logs: a folder of tiles, the zip files of a public archive, and a single
# one are logs that are read and proved, without their issuers too, and as RFC 6962
# logs were: no leaf has a leaf_index. A damaged archive is an event, not an end.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"

start_logserver --time-offset -40000000000 --log "tiled:static,entries=700" \
    --log "classic:rfc6962,entries=1300"
for log in tiled classic; do
	tell_log "$log write $WORK/$log" >/dev/null
	test -s "$WORK/$log/checkpoint" || tell_log "$log write $WORK/$log" >/dev/null
done
stop_logserver
mkdir -p "$WORK/zips" "$WORK/bare" "$WORK/broken"
check "the archive is made" "$TOOLS/makezip" --wide "$WORK/zips/000.zip" "$WORK/classic"
check "so is one zip file" "$TOOLS/makezip" "$WORK/one.zip" "$WORK/tiled"
cp -r "$WORK/tiled/." "$WORK/bare"
rm -rf "$WORK/bare/issuer"
cp "$WORK/one.zip" "$WORK/broken/000.zip"
# An octet in the middle, which is in the entries, turned over: its CRC does not hold.
middle=$(($(stat -c %s "$WORK/broken/000.zip") / 2))
octet=$(od -An -tu1 -j "$middle" -N 1 "$WORK/broken/000.zip")
printf "\\$(printf %o $((255 - octet)))" |
    dd of="$WORK/broken/000.zip" bs=1 seek="$middle" conv=notrunc 2>/dev/null

archive_block() { # NAME URL LOG [LINES...]: several are copies of one log, so each alone
	begin_conf
	cat >>"$CONF" <<-END
	log "$1" {
		url = "file://$2"
		origin = "log.example/$3"
		key = "$(cat "$LOG_DIR/$3.key")"
		archived = yes
		$(printf '%s\n' "${@:4}")
	}
	END
	watch_domain host-17.grown.example
	rm -f "$DB"*
	start_daemon
}
judged() { sql "SELECT SUM(until - start) FROM coverage"; }
matched() { sql "SELECT COUNT(DISTINCT certificate) FROM matched"; }
no_events() {
	check_equal "$1: nothing is wrong with it" \
	    "$(sql "SELECT group_concat(kind || ': ' || message) FROM event" | grep -v '^none$')" ""
}

archive_block folder "$WORK/tiled/" tiled
check "a folder is read and proved" wait_for 20 read_to folder 700
check_equal "every entry" "$(judged)" 700
check "what is watched is found" [ "$(matched)" -ge 1 ]
no_events "a folder of years ago"
stop daemon

archive_block zips "$WORK/zips/" classic
check "an archive in zip files is read and proved" wait_for 20 read_to zips 1300
check_equal "every entry of it" "$(judged)" 1300
check "what is watched is found there" [ "$(matched)" -ge 1 ]
no_events "an archive of an RFC 6962 log"
stop daemon

archive_block one "$WORK/one.zip" tiled
check "a single zip file is read and proved" wait_for 20 read_to one 700
no_events "one zip file"
stop daemon

archive_block bare "$WORK/bare/" tiled
check "without issuers it is read and proved" wait_for 20 read_to bare 700
check_equal "every entry all the same" "$(judged)" 700
check "what is watched is found without them" [ "$(matched)" -ge 1 ]
stop daemon

# More than one part, across the border: entries 2^24 - 512 to 2^24 + 512.
mkdir -p "$WORK/parts"
check "an archive of two parts is made" "$TOOLS/makeparts" "$WORK/parts" \
    "$WORK/classic/tile/data/000" "$WORK/classic/tile/0/000" log.example/parts
cp "$WORK/parts/log.key" "$LOG_DIR/parts.key"
archive_block parts "$WORK/parts/" parts "start = 16776704"
check "it is read on from one part into the next" wait_for 20 read_to parts 16777728
check_equal "and proved" "$(judged)" 1024
check_equal "nothing is wrong with it but that its issuers were not put in" \
    "$(sql "SELECT group_concat(kind) FROM event")" issuer-missing
stop daemon

archive_block broken "$WORK/broken/" tiled
check "a damaged archive is told" wait_for 60 event entries-unavailable broken
check "with what is wrong" grep -qE "zip: a member('s| does)" "$WORK/daemon.out"
stop daemon
check_equal "it stops when told" $? 0
[ "$failed" = 0 ] || tail -n 60 "$WORK/daemon.out"
finish
