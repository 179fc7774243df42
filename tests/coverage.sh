#!/bin/sh
# coverage.sh FOLDER ROOM...: what share of each room's lines the tests ran.
build=$1
shift
for room in "$@"; do
	find "src/$room" -name '*.c' | while read -r source; do
		gcov -n -o "$build/${source%.c}.o" "$source" 2>/dev/null
	done | awk -v room="$room" '
		/^File / { ours = index($2, "src/" room "/") > 0 }
		/^Lines executed:/ && ours { split($0, n, /[:%]| of /); total += n[4]; ran += n[2] / 100 * n[4]; ours = 0 }
		END { if (total) printf "%-12s %6.1f %% of %6d lines\n", room, 100 * ran / total, total; print ran + 0, total + 0 > "/dev/stderr" }'
done 2>"$build/coverage.sum"
awk '{ ran += $1; total += $2 } END { if (total) printf "%-12s %6.1f %% of %6d lines\n", "all", 100 * ran / total, total }' "$build/coverage.sum"
