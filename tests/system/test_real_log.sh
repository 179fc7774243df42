#!/bin/bash
# The same daemon over real tiles, where they are: Navigli 2025h2, 1,024 real
# precertificates, as a file:// log under heads signed with a throw-away key
# that grow from 768 over 778 to 1,024 entries.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/daemon.sh"

DATA=${SHARED:-$TOP/../shared}/data
HEADS=$DATA/vectors/synthetic/navigli-1024
TILES=$DATA/vectors/static-ct/navigli2025h2/tile
ISSUERS=$DATA/real/entries/static-ct/navigli2025h2/issuer
if [ ! -d "$HEADS" ]; then
	pass "no real tiles here"
	finish
fi

LOG=$WORK/log
mkdir -p "$LOG"
cp -r "$TILES" "$LOG/tile"
cp -r "$ISSUERS" "$LOG/issuer"
chmod -R u+w "$LOG"
cp -r "$HEADS/tile/1" "$LOG/tile/"
# A partial tile as an object store may keep it: gzip without a header that says so.
cp "$HEADS/tile-data-003.p-10.gz" "$LOG/tile/data/003.p/10"
rm "$LOG/tile/data/003"
cp "$HEADS/checkpoint-768" "$LOG/checkpoint"

begin_conf
cat >>"$CONF" <<-END
news_since = 2020-01-01
log "navigli" {
	url = "file://$LOG/"
	kind = static
	origin = "synthetic.example/navigli-1024"
	key = "$(cat "$HEADS/log-key.b64")"
	start = genesis
	poll = 10
}
ca "staging" {
	certificates = {$(for f in "$LOG"/issuer/*; do printf '"%s", ' "$f"; done | sed 's/, $//')}
}
END
start_daemon
check "768 entries are read and proved" wait_for 20 read_to navigli 768
cp "$HEADS/checkpoint-778" "$LOG/checkpoint.new" && mv "$LOG/checkpoint.new" "$LOG/checkpoint"
check "the edge comes from the gzipped partial tile" wait_for 30 read_to navigli 778
cp "$TILES/data/003" "$LOG/tile/data/003" # the tile fills, the partial one goes
rm -r "$LOG/tile/data/003.p"
cp "$HEADS/checkpoint-1024" "$LOG/checkpoint.new" && mv "$LOG/checkpoint.new" "$LOG/checkpoint"
check "1,024 entries are read and proved" wait_for 30 read_to navigli 1024
check_equal "every certificate of the watched CA is stored" \
    "$(sql "SELECT COUNT(*) FROM sighting")" 1024
check_equal "every precertificate's signature is its issuer's" \
    "$(sql "SELECT COUNT(*) FROM certificate WHERE flags & 2 = 0")" 0
check_equal "every leaf follows from its precertificate, byte for byte" \
    "$(sql "SELECT COUNT(*) FROM sighting WHERE leaf_tbs IS NOT NULL")" 0
check_equal "no entry is left over" "$(sql "SELECT COUNT(*) FROM entry")" 0
stop daemon
check_equal "it stops cleanly" $? 0
finish
