#!/bin/sh
# Runs every input of every corpus once through its parser. A crash names its
# input; counted are the inputs.
passed=0 failed=0
for source in tests/fuzz/fuzz_*.c; do
	target=${source##*/fuzz_}
	target=${target%.c}
	corpus=tests/fuzz/corpus/$target
	count=$(find "$corpus" -type f 2>/dev/null | wc -l)
	if [ "$count" -eq 0 ]; then
		echo "$target: nothing in $corpus"
		failed=$((failed + 1))
	elif "$B/fuzz/$target" "$corpus"; then
		passed=$((passed + count))
	else
		for input in "$corpus"/*; do
			"$B/fuzz/$target" "$input" || { echo "fails: $input"; failed=$((failed + 1)); }
		done
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
