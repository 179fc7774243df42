#!/bin/sh
# run.sh FOLDER TARGET...: fuzzes each parser FUZZ_SECONDS, from its corpus.
# What is found new stays in FOLDER/../found/TARGET; a crash ends with its input
# named and a nonzero exit.
folder=$1
shift
failed=0
for target in "$@"; do
	found=$folder/../found/$target
	mkdir -p "$found"
	if "$folder/$target" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=1024 -verbosity=1 \
	    -print_final_stats=1 -artifact_prefix="$folder/../crash-$target-" "$found" \
	    "tests/fuzz/corpus/$target" >"$found.log" 2>&1; then
		awk -v target="$target" '/number_of_executed_units/ { n = $2 }
			/cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") cov = $(i + 1) }
			END { printf "%-16s %12d inputs, %6d edges reached, no crash\n", target, n, cov }' "$found.log"
	else
		tail -n 40 "$found.log"
		echo "$target: crashed; the input is $folder/../crash-$target-*" >&2
		failed=1
	fi
done
exit $failed
