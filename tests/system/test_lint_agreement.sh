#!/bin/bash
# What our rules find and what zlint and pkilint find in the same certificates: their
# own test certificates and 12,445 real ones. At least 99 % (97 %) agrees either way,
# and every difference stands in tests/lint_allowed.tsv with its reason.
. "$(dirname "$0")/lib.sh"

DATA=${SHARED:-$TOP/../shared}/data
LIST=$TOP/tests/lint_allowed.tsv
if [ ! -d "$DATA/lint" ]; then
	pass "no findings of other linters here"
	finish
fi

"$TOOLS/lint_compare" "$DATA" "$LIST" >"$WORK/compared" 2>&1
status=$?
grep -E '^[a-z].*(theirs|allowed)|^  [0-9]+ rows' "$WORK/compared"

# shares LINTER: of theirs and of ours, in hundredths of a per cent.
shares() { sed -n "s/^$1 in all: \([0-9]*\)\.\([0-9]*\) .* theirs, \([0-9]*\)\.\([0-9]*\) .*/\1\2 \3\4/p" "$WORK/compared"; }
at_least() { # LINTER LEAST
	read -r theirs ours <<<"$(shares "$1")"
	[ "${theirs:-0}" -ge "$2" ] && [ "${ours:-0}" -ge "$2" ]
}
check "zlint and we agree in 99 of 100 findings, either way" at_least zlint 9900
check "pkilint and we agree in 97 of 100, either way" at_least pkilint 9700
check_equal "every difference has its reason" \
    "$(grep -E '^(extra|missing|outcome)	' "$WORK/compared")" ""
check_equal "every reason is needed" "$(grep '^stale	' "$WORK/compared")" ""
check_equal "the comparison says so too" "$status" 0

# That it would notice: an entry too few, one too many, one without its reason.
first=$(grep -v '^#' "$LIST" | head -n 1)
{ grep -vxF "$first" "$LIST"; printf 'zlint:e_no_such_lint\t*\tno reason\n'; } >"$WORK/other.tsv"
check_equal "an entry too few and one too many are noticed" \
    "$("$TOOLS/lint_compare" "$DATA" "$WORK/other.tsv" | tail -n 1)" \
    "1 differences not allowed, 1 entries of the list not needed"
printf 'zlint:e_no_such_lint\t*\n' >"$WORK/bare.tsv"
check_not "an entry has a reason" "$TOOLS/lint_compare" "$DATA" "$WORK/bare.tsv"
finish
