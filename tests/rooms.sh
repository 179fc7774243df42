#!/bin/sh
# Fails on an #include that follows no arrow of src/ROOMS, or on a line there
# that names a room not listed above it (which keeps the order acyclic).
cd "$(dirname "$0")/.." || exit 2
find src include -name '*.[ch]' | sort | xargs awk '
BEGIN {
	while ((getline line < "src/ROOMS") > 0) {
		n = split(line, word, /[: ]+/)
		room[word[1]] = 1
		for (i = 2; i <= n; i++) {
			if (word[i] == "") continue
			if (!(word[i] in room) || word[i] == word[1]) {
				print "src/ROOMS: " word[1] " names " word[i] " before it is listed"
				bad = 1
			}
			arrow[word[1], word[i]] = 1
		}
	}
}
/^[ \t]*#[ \t]*include[ \t]+"/ {
	split(FILENAME, path, "/")
	split($0, quote, "\"")
	n = split(quote[2], part, "/")
	if (n < 2) next
	to = part[1]
	if (path[2] == to) next
	if (!(path[2] in room)) {
		print FILENAME ": " path[2] " is no room of src/ROOMS"; bad = 1
	} else if (!((path[2], to) in arrow)) {
		print FILENAME ":" FNR ": no arrow from " path[2] " to " to; bad = 1
	}
}
/ev_timer_init|ev_periodic_init/ && FILENAME != "src/base/clock.c" {
	print FILENAME ":" FNR ": timers are armed by base/clock only"; bad = 1
}
END { exit bad }' || { echo "0 passed, 1 failed"; exit 1; }
echo "every include follows an arrow of src/ROOMS"
echo "1 passed, 0 failed"
