#!/bin/bash
# make bench: the floor, each stage alone, the store alone and the whole daemon,
# in one run, over a log of BENCH_ENTRIES (200,000) entries that is kept in the
# build folder. A table for people, the same as JSON in $B/bench.json. Each
# figure is the best of BENCH_RUNS (3); ROWS (4,000,000): of the store alone.
# A miss is no failure: it is printed, with where the time went.
. "$(dirname "$0")/system/lib.sh"
. "$(dirname "$0")/system/daemon.sh"

ENTRIES=${BENCH_ENTRIES:-200000} RUNS=${BENCH_RUNS:-3} ROWS=${ROWS:-4000000}
BENCH=$B/bench LOG=$B/bench/log FIGURES=$WORK/figures
mkdir -p "$BENCH"

# field NAME...: of the line of JSON on stdin, with tabs between.
field() { "$TOOLS/jsonget" "$@"; }
# keep MEMBERS: the line on stdin goes to the figures with these before it.
keep() { sed "s/^{/{$1,/" >>"$FIGURES"; }
# In awk, n(200000) is 200,000.
COMMAS='function n(v) {
	v = sprintf("%d", v)
	while (match(v, /[0-9][0-9][0-9][0-9](,|$)/))
		v = substr(v, 1, RSTART) "," substr(v, RSTART + 1)
	return v
}'
commas() { awk "$COMMAS { print n(\$1) }" <<<"$1"; }
title() { printf '\n%s\n' "$1"; }

# --- the log -------------------------------------------------------------------

if [ "$(sed -n 2p "$LOG/checkpoint" 2>/dev/null)" != "$ENTRIES" ]; then
	rm -rf "$LOG"
	"$TOOLS/makelog" --dir "$LOG" --name bench --bench "$ENTRIES" --leaf 1300 --rfc6962 ||
	    exit
fi
for count in 1 10000 100000; do
	"$TOOLS/makelog" --domains $count >"$WORK/domains.$count"
done
start_logserver --log "bench:static,bench=$ENTRIES" --log "classic:rfc6962,bench=$ENTRIES"

FILE_URL=file://$LOG/ FILE_KEY=$LOG.list/bench.key
TILES_URL=$LOG_URL/bench/ TILES_KEY=$LOG_DIR/bench.key
RFC6962_URL=$LOG_URL/classic/ RFC6962_KEY=$LOG_DIR/classic.key

printf '%s entries, leaves of 1,300 bytes; %s, %s cores\n' "$(commas "$ENTRIES")" \
    "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)"

# --- the floor -----------------------------------------------------------------

declare -A FLOOR
floor() { # KIND WHAT OPTIONS...
	local kind=$1 what=$2 line rate bytes
	shift 2
	line=$("$TOOLS/bench_floor" --entries "$ENTRIES" --runs "$RUNS" "$@") || exit
	read -r rate bytes <<<"$(field per_cpu_second bytes_an_entry <<<"$line")"
	FLOOR[$kind]=$rate
	keep "\"figure\":\"floor\",\"log\":\"$kind\"" <<<"$line"
	printf '%-42s %12s %8s bytes each\n' "$what" "$(commas "$rate")" "$(commas "$bytes")"
}
title "The floor: libcurl to nowhere and SHA-256   entries a CPU-second"
floor tiles "tiles over HTTP" --url "$TILES_URL"
floor file "tiles by file://" --url "$FILE_URL"
floor rfc6962 "RFC 6962 over HTTP, with base64" --url "$RFC6962_URL" --reply 1000

# --- each stage ----------------------------------------------------------------

title "Each stage alone, on one thread             entries a CPU-second"
"$TOOLS/bench_stages" --log "$LOG" --work "$WORK" --entries "$ENTRIES" --runs "$RUNS" \
    >"$WORK/stages" || exit
keep '"figure":"stage"' <"$WORK/stages"
field stage per_cpu_second ns_an_entry <"$WORK/stages" |
    awk -F'\t' "$COMMAS"'{ printf "%-42s %12s %8s ns each\n", $1, n($2), n($3) }'

# --- judging -------------------------------------------------------------------------

# The real certificates, where they are at hand; else some that are made.
title "Judging, on one thread, all that one certificate is enough for     a CPU-second"
"$TOOLS/bench_check" --certs "${SHARED:-$TOP/../shared}/data/real/certs/der" --runs "$RUNS" \
    >"$WORK/judging" || exit
grep '"figure"' "$WORK/judging" | sed 's/"figure"/"of"/' | keep '"figure":"judging"'
grep '"check"' "$WORK/judging" | keep '"figure":"check"'
grep '"figure"' "$WORK/judging" | field figure per_cpu_second |
    awk -F'\t' "$COMMAS"'{ printf "%-62s %12s%s\n", $1, n($2),
	NR == 1 ? "  asked: 60,000 (zlint: 1,210, pkilint: 81 to 160)" : ""
	if (NR == 1 && $2 < 60000)
		print "    MISS: the slowest checks below say where the time goes" }'
title "What takes most of it                                   ns a certificate"
grep '"check"' "$WORK/judging" | field check ns |
    awk -F'\t' "$COMMAS"'{ printf "%-42s %12s\n", $1, n($2) }'

# --- the daemon ------------------------------------------------------------------

# configure URL KEY KIND STORE DOMAINS
configure() {
	begin_conf
	sed -i '/^workers/d' "$CONF"
	cat >>"$CONF" <<-END
	requests_per_second = 1000000
	requests_in_flight = 16
	start = genesis
	store = $4
	$([ "$4" = matched ] || echo "cache_mb = 64")
	domains "bench" { file = "$WORK/domains.$5" }
	log "bench" {
		url = "$1"
		kind = $3
		key = "$(cat "$2")"
		$([ "$3" = rfc6962 ] || echo 'origin = "log.example/bench"')
	}
	END
}

# What it should be: entries a CPU-second with 100,000 domains, certificates a
# second with store = all, memory (cache_mb + bodies_mb + 24), in MB.
target() { # LOG STORE DOMAINS
	case $1-$2-$3 in
	rfc6962-matched-100000) echo 90000 0 48 ;;
	*-matched-100000) echo 150000 0 48 ;;
	*-matched-*) echo 0 0 48 ;;
	*-all-*) echo 0 40000 104 ;;
	esac
}

# One row of the table, and below it what was missed.
show() { # LOG STORE DOMAINS; the line on stdin
	field per_second per_cpu_second per_whole_cpu_second peak_kb database_bytes \
	    loop_s workers_s writer_s file_kb |
	    awk -F'\t' -v what="$1 $2 $3" -v floor="${FLOOR[$1]}" -v entries="$ENTRIES" \
		-v targets="$(target "$@")" "$COMMAS"'
	function miss(got, asked, unit, why) {
		printf "    MISS: %s %s, %s asked: %s\n", n(got), unit, n(asked), why
	}
	{
		split(what, w, " ")
		split(targets, t, " ")
		mb = $4 / 1024
		printf "%-8s %-8s %8s %9s %9s %9s %5.0f%% %6.1f/%-3d %6s", w[1], w[2], n(w[3]),
		    n($1), n($2), n($3), 100 * $2 / floor, mb, t[3],
		    w[2] == "all" ? n($5 / entries) : "-"
		if (t[1])
			printf "  asked: %s a CPU-second", n(t[1])
		if (t[2])
			printf "  asked: %s a second", n(t[2])
		print ""
		where = sprintf("of %.1f s the loop was at work for %.2f, the workers %.2f,"\
		    " the writer %.2f", entries / $1, $6, $7, $8)
		if ($2 < t[1])
			miss($2, t[1], "a CPU-second", where)
		if ($1 < t[2])
			miss($1, t[2], "a second", where)
		if (mb > t[3])
			miss(mb, t[3], "MB", sprintf("%.1f are programs and libraries",
			    $9 / 1024))
	}'
}

daemon() { # LOG URL KEY KIND STORE DOMAINS
	local line
	configure "$2" "$3" "$4" "$5" "$6"
	line=$("$TOOLS/bench_daemon" --program "$B/ctwardend" --config "$CONF" --database "$DB" \
	    --output "$WORK/daemon.out" --entries "$ENTRIES" --runs "$RUNS")
	must test -n "$line"
	keep "\"figure\":\"daemon\",\"log\":\"$1\",\"store\":\"$5\",\"domains\":$6" <<<"$line"
	show "$1" "$5" "$6" <<<"$line"
}

title "The whole daemon: entries a second, a CPU-second from the start of reading
(with starting and stopping), share of the floor, peak memory, database"
printf '%-8s %-8s %8s %9s %9s %9s %6s %10s %6s\n' log store domains per-sec per-CPU \
    "(whole)" floor "MB/limit" B/cert
for store in matched all; do
	for domains in 1 10000 100000; do
		daemon tiles "$TILES_URL" "$TILES_KEY" static $store $domains
		daemon file "$FILE_URL" "$FILE_KEY" static $store $domains
		daemon rfc6962 "$RFC6962_URL" "$RFC6962_KEY" rfc6962 $store $domains
	done
done

# --- the store alone --------------------------------------------------------------

title "The store alone, $(commas "$ROWS") certificates, cache_mb = 64"
"$TOOLS/bench_store" "$ROWS" 64 "$WORK" >"$WORK/store" || exit
sed '$d' "$WORK/store"
tail -n 1 "$WORK/store" | keep '"figure":"store"'

{ echo '['; sed '$!s/$/,/' "$FIGURES"; echo ']'; } >"$B/bench.json"
printf '\nThe same as JSON: %s\n' "${B#"$TOP"/}/bench.json"
