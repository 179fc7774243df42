#!/bin/bash
# The example configuration works as it stands; what is wrong in one is told
# with file, line, option and remedy.
. "$(dirname "$0")/lib.sh"

says() { "$B/ctwardend" -n -c "$WORK/ctwarden.conf" 2>&1; }

check "etc/ctwarden.conf is good" "$B/ctwardend" -n -c "$TOP/etc/ctwarden.conf"
awk '/^# domain "/ { on = 1 } on { print substr($0, 3) } /^# }/ { on = 0 }' \
    "$TOP/etc/ctwarden.conf" >"$WORK/commented"
check "so is what it has in comments" grep -q allowed_issuers "$WORK/commented"
cp "$WORK/commented" "$WORK/ctwarden.conf"
check "and that is taken" says

printf 'include = {"%s"}\n' "$TOP/etc/operators.conf" >"$WORK/ctwarden.conf"
check "etc/operators.conf can be taken in" grep -q "3 CAs" <<<"$(says)"
sed 's/^\t# \(claims\|}\)/\t\1/; s/^\t#\t"/\t"/' "$TOP/etc/operators.conf" >"$WORK/claims"
check "its claims are there" grep -q '^	"serious 2015' "$WORK/claims"
printf 'include = {claims}\n' >"$WORK/ctwarden.conf"
check "and can be taken in" grep -q "3 CAs" <<<"$(says)"
sed -n '/^# --- template/,$p' "$TOP/etc/operators.conf" |
    sed 's/^#\t/\t/; s/^# \(ca "\|}\)/\1/' >"$WORK/template"
printf 'include = {"%s", template}\n' "$TOP/etc/operators.conf" >"$WORK/ctwarden.conf"
check "so can its template" grep -q "4 CAs" <<<"$(says)"

printf 'contact = "me"\npoll = 5\n' >"$WORK/ctwarden.conf"
check_equal "file, line, option, remedy" "$(says)" \
    "ctwardend: $WORK/ctwarden.conf:2: poll: 5 is below 10 s; write at least poll = 10"
check_not "and it does not start" "$B/ctwardend" -f -c "$WORK/ctwarden.conf"
printf 'log "a" {\n url = "https://ct.example/"\n key = "AAAA"\n}\n' >"$WORK/ctwarden.conf"
check "a log's key is looked into" grep -q "ctwarden.conf:1: " <<<"$(says)"
printf 'domain "com" {}\n' >"$WORK/ctwarden.conf"
check "a domain is, too" grep -q "ctwarden.conf:1: " <<<"$(says)"
printf 'com\nnet someday\n' >"$WORK/tlds"
printf 'checks {\n tld_file = tlds\n}\n' >"$WORK/ctwarden.conf"
check "a list is, with the line in it" grep -q \
    "ctwarden.conf:1: tld_file: $WORK/tlds: line 2: \"net someday\"" <<<"$(says)"
check_not "no file, no start" "$B/ctwardend" -n -c "$WORK/nowhere.conf"
finish
