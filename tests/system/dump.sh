# dump: everything that the database knows, without wall-clock columns and
# without what depends on how it is kept (index tiers, retries of deliveries).

dump() {
	local table
	q() { "$TOOLS/dbquery" "$DB" "$1" || echo "cannot: $1"; }
	echo "log";         q "SELECT number, log_id, name, state FROM log ORDER BY 1"
	echo "tree_head";   q "SELECT log, MAX(size) FROM tree_head GROUP BY 1"
	echo "range";       q "SELECT id, log, start, verified, next, frontier_verified,
	    frontier_next, reread_until, stopped FROM range ORDER BY 1"
	echo "coverage";    q "SELECT log, MIN(start), MAX(until), generation, SUM(until - start)
	    FROM coverage GROUP BY log, generation ORDER BY 1, 4"
	echo "entry";       q "SELECT log, position, state, reason, leaf, extra FROM entry
	    ORDER BY 1, 2"
	echo "issuer";      q "SELECT number, dn, dn_normalised, spki_sha256 FROM issuer ORDER BY 1"
	echo "certificate"; q "SELECT number, issuer, serial, tbs_sha256, not_before_s,
	    not_after_s, lo_ms, hi_ms, flags, first_place FROM certificate ORDER BY 1"
	echo "chain";       q "SELECT number, sha256s FROM chain ORDER BY 1"
	echo "form";        q "SELECT * FROM form ORDER BY 1"
	echo "sighting";    q "SELECT * FROM sighting ORDER BY 1"
	echo "matched";     q "SELECT * FROM matched ORDER BY 1, 2"
	echo "name";        q "SELECT name, certificate FROM name ORDER BY 1, 2"
	for table in form_key link; do
		echo "$table"
		q "SELECT key, value FROM ${table}_0 UNION ALL SELECT key, value FROM ${table}_1
		    UNION ALL SELECT key, value FROM ${table}_2 ORDER BY 1, 2"
	done
	# The keys of this one are hashed with a secret of each database.
	echo "certificate_key"
	q "SELECT value FROM certificate_key_0 UNION ALL SELECT value FROM certificate_key_1
	    UNION ALL SELECT value FROM certificate_key_2 ORDER BY 1"
	echo "ca_certificate"; q "SELECT number, sha256, signed_by_spki, first_log, first_index
	    FROM ca_certificate ORDER BY 1"
	echo "finding";     q "SELECT number, id, subject, certificate, check_id, subrule, level,
	    message, evidence, state FROM finding ORDER BY 1"
	echo "event";       q "SELECT kind, subject, severity, message FROM event ORDER BY 1, 2"
	echo "family";      q "SELECT watch, spki_sha256, how, via, since_log, since_index
	    FROM family ORDER BY 1, 2"
	echo "statistic";   q "SELECT * FROM statistic ORDER BY 1, 2, 3"
	echo "check_state"; q "SELECT * FROM check_state ORDER BY 1, 2, 3"
	echo "check_due"; q "SELECT certificate, check_id FROM check_due ORDER BY 1, 2"
	echo "outbox";      q "SELECT alert, sink, kind FROM outbox WHERE kind <> 'digest'
	    ORDER BY 1, 2"
}
