#!/bin/bash
# ctwarden evidence makes a folder of what an event or a finding rests on, and
# ctwarden verify believes it only as long as nothing in it is another.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"

ctwarden() { "$B/ctwarden" -c "$CONF" "$@"; }
# verify_is WANTED FOLDER: the exit status; output in $WORK/said.
verify_is() {
	local got
	(cd "$WORK/elsewhere" && "$B/ctwarden" verify "$2") >"$WORK/said" 2>&1
	got=$?
	[ "$got" -eq "$1" ] || { echo "exit $got, wanted $1"; cat "$WORK/said"; return 1; }
}
says() { grep -qE -- "$1" "$WORK/said"; }
sum_anew() { (cd "$1" && rm SHA256SUMS && sha256sum -- * >SHA256SUMS.new && mv SHA256SUMS.new SHA256SUMS); }
mkdir "$WORK/elsewhere"

start_another good --log tiled:static,entries=300 --log classic:rfc6962,entries=300
begin_conf
echo 'requests_per_second = 500' >>"$CONF"
log_block good tiled static
log_block good classic rfc6962
watch_domain host-17.grown.example
start_daemon
check "the logs are read" wait_for 15 read_to tiled 300
check "both" wait_for 15 read_to classic 300
proved() { [ "$(sql "SELECT COUNT(*) FROM finding WHERE proof <> ''")" -ge 2 ]; }
check "findings have their proof" wait_for 20 proved
tell good "tiled fork 100"
tell good "classic fork 200"
check "a split view" wait_for 15 event head-split-view tiled
check "and another" wait_for 15 event head-split-view classic

# --- an event ------------------------------------------------------------------

for log in tiled classic; do
	id=$(sql "SELECT id FROM event WHERE kind = 'head-split-view' AND log =
	    (SELECT number FROM log WHERE name = '$log')")
	check "$log: its evidence is written" ctwarden evidence -o "$WORK/$log.split" "$id"
	check "$log: it is proved, without the database" verify_is 0 "$WORK/$log.split"
	check "$log: by the heads" says '^holds +split-view +two signed heads of size 300'
done
check "sha256sum agrees" bash -c "cd '$WORK/tiled.split' && sha256sum --quiet -c SHA256SUMS"
check "README says what it shows" grep -q 'two different trees of one size' "$WORK/tiled.split/README"
check "the head is as it was served" grep -q '^log.example/tiled$' "$WORK/tiled.split/head-1"
check_equal "the key is the log's" "$(sha256sum <"$WORK/tiled.split/log-key.der" | cut -d' ' -f1)" \
    "$(sql "SELECT log_id FROM log WHERE name = 'tiled'")"
check "a folder that is there is not written into" \
    test "$(ctwarden evidence -o "$WORK/tiled.split" "$id" 2>&1; echo $?)" = \
    "ctwarden: $WORK/tiled.split: File exists"$'\n'2
check_equal "verify in JSON" "$("$B/ctwarden" --json verify "$WORK/tiled.split" | tail -n 1)" \
    '{"claim":"split-view","verdict":"holds","text":"two signed heads of size 300 have different roots"}'

# --- a finding --------------------------------------------------------------------

id=$(sql "SELECT id FROM finding WHERE check_id = 'watched-name' AND proof <> '' LIMIT 1")
mkdir "$WORK/here"
cp "$CONF" "$WORK/here/conf"
check "without a folder's name" bash -c "cd '$WORK/here' && '$B/ctwarden' -c conf evidence $id"
finding=$WORK/here/evidence-$id
check "a finding is proved" verify_is 0 "$finding"
for claim in certificate issued included; do
	check "$claim" says "^holds +$claim "
done
check "the certificate is there" \
    openssl x509 -inform DER -in "$finding/certificate.der" -noout -subject
check "and the chain above it" openssl x509 -inform DER -in "$finding/certificate-chain-1.der" -noout -subject
check_equal "nothing has this id" "$(ctwarden evidence -o "$WORK/none" \
    00000000000000000000000000000000 2>&1; echo $?)" \
    $'ctwarden: no event, finding or alert of one has this id\n1'
check "nothing is left of it" [ ! -e "$WORK/none" ]
check_not "an id that is none" ctwarden evidence abc
check "no folder" verify_is 3 "$WORK/nowhere"
check "a folder of something else" verify_is 3 "$WORK/elsewhere"

# --- forged --------------------------------------------------------------------------

# forged NAME FOLDER FILE SED: one file is another; then the sums are made to fit.
forged() {
	cp -r "$2" "$WORK/forged"
	perl -0777 -pi -e "$4" "$WORK/forged/$3"
	check_not "$1: the file is another" cmp -s "$2/$3" "$WORK/forged/$3"
	check "$1: the sums tell" verify_is 1 "$WORK/forged"
	check "$1: and name it" says "^fails +sums +$3 is not what its checksum says"
	sum_anew "$WORK/forged"
	check "$1: and where they fit, what it proves does" verify_is 1 "$WORK/forged"
	check "$1: not the sums" says '^holds +sums'
	rm -r "$WORK/forged"
}
forged "a changed head" "$WORK/tiled.split" head-2 's/^(log.*\n)300/${1}301/'
forged "a changed get-sth" "$WORK/classic.split" head-1 's/"tree_size":300/"tree_size":299/'
forged "a changed key" "$WORK/tiled.split" log-key.der 's/(.)$/chr(ord($1)^1)/es'
forged "a changed leaf" "$finding" leaf 's/^(.{9})(.)/$1.chr(ord($2)^1)/es'
forged "a changed proof" "$finding" inclusion.json 's/("path":\[")(.)/$1.($2 eq "1"?"2":"1")/e'
forged "a changed certificate" "$finding" certificate.der 's/(.)$/chr(ord($1)^1)/es'
forged "another log's name" "$finding" manifest.json 's/("log_id": ")(.)/$1.($2 eq "1"?"2":"1")/e'
cp -r "$finding" "$WORK/forged"
echo more >"$WORK/forged/more"
check "a file more" verify_is 1 "$WORK/forged"
check "is told" says '^fails +sums +more is in no checksum'
rm "$WORK/forged/more" "$WORK/forged/leaf"
check "a file less" verify_is 1 "$WORK/forged"
ln -s /etc/passwd "$WORK/forged/leaf"
check "a link is not followed" verify_is 3 "$WORK/forged"
finish
