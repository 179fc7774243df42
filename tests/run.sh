#!/bin/bash
# Runs the test programs and scripts named, JOBS at a time (one more than cores:
# the system tests mostly wait), each in a folder of its own, and adds up what
# they count: Check's "Checks: N, Failures: N, Errors: N", or a script's "N
# passed, N failed". The last line is the sum.
cd "$(dirname "$0")/.." || exit 2
export TZ=UTC LC_ALL=C SHARED=${SHARED-$PWD/../shared}
# Sanitizers and machines with other work take their time; the bounds are for
# what hangs.
export CK_TIMEOUT_MULTIPLIER=$([ -n "${SAN:-}" ] && echo 20 || echo 5)
JOBS=${JOBS:-$(($(nproc) + 1))}
results=$(mktemp -d "${TMPDIR:-/tmp}/ctwarden-results.XXXXXX")
trap 'rm -rf "$results"' EXIT

one() { # TEST: its output in full where it fails, and its counts in $results
	local test=$1 began work status p f
	began=$(date +%s%N)
	work=$(mktemp -d "${TMPDIR:-/tmp}/ctwarden-test.XXXXXX")
	TEST_DIR=$work timeout "${TEST_TIMEOUT:-600}" "$test" >"$work/output" 2>&1
	status=$?
	read -r p f <<<"$(awk '
		match($0, /Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+/) {
			split(substr($0, RSTART, RLENGTH), n, /[^0-9]+/); p += n[2] - n[3] - n[4]; f += n[3] + n[4] }
		/^[0-9]+ passed, [0-9]+ failed$/ { p += $1; f += $3 }
		END { print p + 0, f + 0 }' "$work/output")"
	# A program that counts nothing, or dies, has failed.
	if [ "$status" -ne 0 ] && [ "$f" -eq 0 ] || [ $((p + f)) -eq 0 ]; then f=$((f + 1)); fi
	{
		printf '%-52s %5d passed %3d failed %6d ms\n' "${test#*/*/tests/}" "$p" "$f" \
		    $((($(date +%s%N) - began) / 1000000))
		if [ "$f" -ne 0 ]; then
			echo "--- $test (exit $status):"
			grep -A 30 '^FAILED: ' "$work/output" | grep -v '^ok: ' | head -n 90
			grep -v '^ok: ' "$work/output" | tail -n 60
		fi
	} >"$work/told"
	# In one piece, between those of the others.
	flock "$results" cat "$work/told"
	echo "$p $f" >"$results/$2"
	rm -rf "$work"
}

number=0
for test in "$@"; do
	[ "$(jobs -rp | wc -l)" -lt "$JOBS" ] || wait -n
	number=$((number + 1)) # here: what stands behind & counts in a shell of its own
	one "$test" "$number" &
done
wait
cat "$results"/* 2>/dev/null | awk -v asked=$# '
	{ p += $1; f += $2 }
	END { f += asked - NR; print p + 0 " passed, " f + 0 " failed"; exit f > 0 }'
