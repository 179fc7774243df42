-- ctwarden's tables. Times ending in _ms are milliseconds since 1970, in _s
-- seconds; NULL is none. A "place" is an entry of a log: log << 40 | position.

CREATE TABLE note (
	name  TEXT PRIMARY KEY,
	value BLOB NOT NULL
) WITHOUT ROWID;

-- What this file needs for itself: no part of what is known.
CREATE TABLE internal (
	name  TEXT PRIMARY KEY,
	value BLOB NOT NULL
) WITHOUT ROWID;

-- --- logs -------------------------------------------------------------------

CREATE TABLE log (
	number            INTEGER PRIMARY KEY,
	log_id            BLOB NOT NULL UNIQUE,
	spki              BLOB NOT NULL,
	name              TEXT NOT NULL,
	operator          TEXT NOT NULL,
	url               TEXT NOT NULL,
	monitoring_url    TEXT NOT NULL,
	kind              TEXT NOT NULL,
	state             TEXT NOT NULL,
	state_since_ms    INTEGER,
	interval_start_ms INTEGER,
	interval_end_ms   INTEGER,
	mmd_s             INTEGER NOT NULL,
	sources           TEXT NOT NULL,
	first_seen_ms     INTEGER NOT NULL
);

CREATE TABLE tree_head (
	log                INTEGER NOT NULL,
	size               INTEGER NOT NULL,
	root               BLOB NOT NULL,
	first_timestamp_ms INTEGER,
	last_timestamp_ms  INTEGER,
	first_raw          BLOB NOT NULL,
	last_raw           BLOB NOT NULL,
	first_fetched_ms   INTEGER,
	last_fetched_ms    INTEGER,
	verified           INTEGER NOT NULL,
	consistent         INTEGER NOT NULL,
	PRIMARY KEY (log, size, root)
) WITHOUT ROWID;
CREATE INDEX tree_head_fetched ON tree_head (last_fetched_ms);

CREATE TABLE range (
	id                INTEGER PRIMARY KEY, -- log << 20 | count
	log               INTEGER NOT NULL,
	purpose           INTEGER NOT NULL, -- 0 live, 1 backfill
	start             INTEGER NOT NULL,
	verified          INTEGER NOT NULL,
	next              INTEGER NOT NULL,
	until             INTEGER NOT NULL,
	frontier_verified BLOB NOT NULL,
	frontier_next     BLOB NOT NULL,
	reread_until      INTEGER NOT NULL,
	generation        INTEGER NOT NULL,
	stopped           TEXT NOT NULL,
	complete          INTEGER NOT NULL,
	created_ms        INTEGER,
	advanced_ms       INTEGER
);

CREATE TABLE entry (
	log          INTEGER NOT NULL,
	position     INTEGER NOT NULL,
	state        INTEGER NOT NULL, -- 0 unparsed, 1 unresolved, 2 quarantined, 3 done
	tile         INTEGER NOT NULL,
	reason       TEXT NOT NULL,
	waits_for    BLOB,
	timestamp_ms INTEGER,
	kept_ms      INTEGER,
	tries        INTEGER NOT NULL,
	next_try_ms  INTEGER,
	leaf         BLOB NOT NULL,
	extra        BLOB NOT NULL
);
CREATE UNIQUE INDEX entry_place ON entry (log, position);
CREATE INDEX entry_state ON entry (state, log, position);
CREATE INDEX entry_waits_for ON entry (waits_for) WHERE waits_for IS NOT NULL;

CREATE TABLE coverage (
	log                INTEGER NOT NULL,
	start              INTEGER NOT NULL,
	until              INTEGER NOT NULL,
	generation         INTEGER NOT NULL,
	first_ms           INTEGER,
	last_ms            INTEGER,
	first_timestamp_ms INTEGER,
	last_timestamp_ms  INTEGER,
	verified           INTEGER NOT NULL,
	head_size          INTEGER NOT NULL,
	head_root          BLOB,
	head_timestamp_ms  INTEGER,
	PRIMARY KEY (log, start, generation)
) WITHOUT ROWID;

CREATE TABLE gap (
	log      INTEGER NOT NULL,
	start    INTEGER NOT NULL,
	until    INTEGER NOT NULL,
	reason   TEXT NOT NULL,
	since_ms INTEGER,
	PRIMARY KEY (log, start)
) WITHOUT ROWID;

-- --- certificates -----------------------------------------------------------

CREATE TABLE issuer (
	number        INTEGER PRIMARY KEY,
	dn_key        INTEGER NOT NULL, -- keyed hash of dn_normalised
	group_key     INTEGER NOT NULL, -- dn_key of the first issuer with this key
	dn            BLOB NOT NULL,
	dn_normalised BLOB NOT NULL,
	spki_sha256   BLOB
);
CREATE INDEX issuer_dn ON issuer (dn_key, spki_sha256);
CREATE INDEX issuer_spki ON issuer (spki_sha256) WHERE spki_sha256 IS NOT NULL;

CREATE TABLE certificate (
	number        INTEGER PRIMARY KEY,
	issuer        INTEGER NOT NULL,
	serial        BLOB NOT NULL,
	tbs_sha256    BLOB NOT NULL,
	not_before_s  INTEGER,
	not_after_s   INTEGER,
	lo_ms         INTEGER,
	hi_ms         INTEGER,
	flags         INTEGER NOT NULL,
	first_place   INTEGER NOT NULL,
	first_seen_ms INTEGER
);

CREATE TABLE chain (
	number INTEGER PRIMARY KEY,
	key    INTEGER NOT NULL, -- keyed hash of sha256s
	sha256s BLOB NOT NULL
);
CREATE INDEX chain_key ON chain (key);

-- A certificate's first form has the number of its certificate.
CREATE TABLE form (
	number      INTEGER PRIMARY KEY,
	certificate INTEGER NOT NULL,
	kind        INTEGER NOT NULL, -- 0 precertificate, 1 final
	sha256      BLOB NOT NULL,
	chain       INTEGER NOT NULL,
	der         BLOB NOT NULL
);

CREATE TABLE sighting (
	place        INTEGER PRIMARY KEY,
	form         INTEGER NOT NULL,
	certificate  INTEGER, -- NULL: the same number as form
	timestamp_ms INTEGER,
	entry_type   INTEGER NOT NULL,
	extensions, -- NULL: empty; 1: the leaf_index extension of this position
	leaf_tbs     BLOB
);

CREATE TABLE matched (
	certificate INTEGER NOT NULL,
	watch       INTEGER NOT NULL,
	PRIMARY KEY (certificate, watch)
) WITHOUT ROWID;
CREATE INDEX matched_watch ON matched (watch, certificate);

-- Indexes whose keys come at random stand in three tables: new rows land in _0,
-- go to _1 as a sorted run, and many runs together go to _2.
CREATE TABLE run_number (number INTEGER PRIMARY KEY);
INSERT INTO run_number (number)
	WITH RECURSIVE count (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < 32)
	SELECT n FROM count;

-- 40 bits of keyed hash of the issuer's dn_key (and, where it is another, its
-- group_key) and serial; 24 of the TBS's hash.
CREATE TABLE certificate_key_0 (key INTEGER, value INTEGER, PRIMARY KEY (key, value)) WITHOUT ROWID;
CREATE TABLE certificate_key_1 (run INTEGER, key INTEGER, value INTEGER, PRIMARY KEY (run, key, value)) WITHOUT ROWID;
CREATE TABLE certificate_key_2 (key INTEGER, value INTEGER, PRIMARY KEY (key, value)) WITHOUT ROWID;

-- The first 64 bits of a form's SHA-256.
CREATE TABLE form_key_0 (key INTEGER, value INTEGER, PRIMARY KEY (key, value)) WITHOUT ROWID;
CREATE TABLE form_key_1 (run INTEGER, key INTEGER, value INTEGER, PRIMARY KEY (run, key, value)) WITHOUT ROWID;
CREATE TABLE form_key_2 (key INTEGER, value INTEGER, PRIMARY KEY (key, value)) WITHOUT ROWID;

-- A certificate's further sightings (a place) and forms (a number, negative).
CREATE TABLE link_0 (key INTEGER, value INTEGER, PRIMARY KEY (key, value)) WITHOUT ROWID;
CREATE TABLE link_1 (run INTEGER, key INTEGER, value INTEGER, PRIMARY KEY (run, key, value)) WITHOUT ROWID;
CREATE TABLE link_2 (key INTEGER, value INTEGER, PRIMARY KEY (key, value)) WITHOUT ROWID;

-- DNS names reversed by label, and their certificates.
CREATE TABLE name_0 (key TEXT, value INTEGER, PRIMARY KEY (key, value)) WITHOUT ROWID;
CREATE TABLE name_1 (run INTEGER, key TEXT, value INTEGER, PRIMARY KEY (run, key, value)) WITHOUT ROWID;
CREATE TABLE name_2 (key TEXT, value INTEGER, PRIMARY KEY (key, value)) WITHOUT ROWID;

-- A name is found here as by an index, for people who look with SQL.
CREATE VIEW name (name, certificate) AS
	SELECT key, value FROM name_0
	UNION ALL SELECT key, value FROM run_number CROSS JOIN name_1 ON run = number
	UNION ALL SELECT key, value FROM name_2;

CREATE VIEW seen (log, position, certificate, form, timestamp_ms) AS
	SELECT place >> 40, place & ((1 << 40) - 1), coalesce(certificate, form), form, timestamp_ms
	FROM sighting;

-- --- authorities ------------------------------------------------------------

CREATE TABLE ca_certificate (
	number         INTEGER PRIMARY KEY,
	sha256         BLOB NOT NULL UNIQUE,
	subject        BLOB NOT NULL,
	issuer         BLOB NOT NULL,
	spki_sha256    BLOB,
	signed_by_spki BLOB,
	not_before_s   INTEGER,
	not_after_s    INTEGER,
	is_ca          INTEGER NOT NULL,
	first_log      INTEGER NOT NULL,
	first_index    INTEGER NOT NULL,
	first_seen_ms  INTEGER,
	der            BLOB NOT NULL
);
CREATE INDEX ca_certificate_spki ON ca_certificate (spki_sha256);
CREATE INDEX ca_certificate_signed_by ON ca_certificate (signed_by_spki);
CREATE INDEX ca_certificate_subject ON ca_certificate (subject);
CREATE INDEX ca_certificate_issuer ON ca_certificate (issuer);

CREATE TABLE root (
	log           INTEGER NOT NULL,
	sha256        BLOB NOT NULL,
	first_seen_ms INTEGER,
	last_seen_ms  INTEGER,
	gone_ms       INTEGER,
	PRIMARY KEY (log, sha256)
) WITHOUT ROWID;

-- --- what was found ---------------------------------------------------------

CREATE TABLE finding (
	number           INTEGER PRIMARY KEY,
	id               BLOB NOT NULL UNIQUE,
	subject_kind     TEXT NOT NULL,
	subject          BLOB NOT NULL,
	certificate      INTEGER NOT NULL,
	issuer           INTEGER NOT NULL,
	log              INTEGER NOT NULL,
	log_index        INTEGER NOT NULL,
	watch            INTEGER NOT NULL,
	check_id         TEXT NOT NULL,
	subrule          TEXT NOT NULL,
	level            INTEGER NOT NULL,
	time_basis       TEXT NOT NULL,
	offset           INTEGER NOT NULL,
	length           INTEGER NOT NULL,
	message          TEXT NOT NULL,
	evidence         TEXT NOT NULL,
	proof            TEXT NOT NULL,
	check_version    INTEGER NOT NULL,
	data_version     TEXT NOT NULL,
	first_seen_ms    INTEGER,
	last_seen_ms     INTEGER,
	state            INTEGER NOT NULL, -- 0 open, 1 closed
	closed_ms        INTEGER,
	why              TEXT NOT NULL,
	alert_generation INTEGER NOT NULL
);
CREATE INDEX finding_subject ON finding (subject);
CREATE INDEX finding_certificate ON finding (certificate) WHERE certificate != 0;
CREATE INDEX finding_log ON finding (log, log_index) WHERE log != 0;
CREATE INDEX finding_issuer ON finding (issuer) WHERE issuer != 0;
CREATE INDEX finding_watch ON finding (watch) WHERE watch != 0;
CREATE INDEX finding_check ON finding (check_id);
CREATE INDEX finding_unproved ON finding (log, log_index)
	WHERE log != 0 AND proof = '' AND state = 0;

CREATE TABLE event (
	number   INTEGER PRIMARY KEY,
	id       BLOB NOT NULL UNIQUE,
	kind     TEXT NOT NULL,
	subject  TEXT NOT NULL,
	log      INTEGER NOT NULL,
	severity INTEGER NOT NULL,
	begin_ms INTEGER,
	end_ms   INTEGER,
	message  TEXT NOT NULL,
	evidence TEXT NOT NULL
);
CREATE UNIQUE INDEX event_open ON event (kind, subject) WHERE end_ms IS NULL;
CREATE INDEX event_log ON event (log) WHERE log != 0;

-- --- what is watched --------------------------------------------------------

CREATE TABLE watch (
	number           INTEGER PRIMARY KEY,
	id               BLOB NOT NULL UNIQUE,
	kind             TEXT NOT NULL,
	text             TEXT NOT NULL,
	settings         TEXT NOT NULL,
	since_generation INTEGER NOT NULL,
	since_ms         INTEGER,
	gone_ms          INTEGER
);

CREATE TABLE family (
	number           INTEGER PRIMARY KEY,
	watch            INTEGER NOT NULL,
	spki_sha256      BLOB NOT NULL,
	how              TEXT NOT NULL,
	via              BLOB,
	since_log        INTEGER NOT NULL,
	since_index      INTEGER NOT NULL,
	since_generation INTEGER NOT NULL,
	since_ms         INTEGER,
	UNIQUE (watch, spki_sha256)
);

CREATE TABLE statistic (
	issuer INTEGER NOT NULL,
	day    INTEGER NOT NULL,
	name   TEXT NOT NULL,
	count  INTEGER NOT NULL,
	PRIMARY KEY (issuer, day, name)
) WITHOUT ROWID;

-- --- what has to be told ----------------------------------------------------

CREATE TABLE outbox (
	number      INTEGER PRIMARY KEY,
	alert       BLOB NOT NULL,
	sink        TEXT NOT NULL,
	kind        TEXT NOT NULL,
	payload     TEXT NOT NULL,
	group_key   TEXT NOT NULL,
	created_ms  INTEGER,
	attempts    INTEGER NOT NULL,
	next_try_ms INTEGER,
	state       INTEGER NOT NULL, -- 0 waiting, 1 delivered, 2 dead, 3 grouped, 4 counted, 5 held
	settled_ms  INTEGER,
	last_error  TEXT NOT NULL,
	UNIQUE (alert, sink)
);
CREATE INDEX outbox_due ON outbox (sink, next_try_ms, number) WHERE state = 0;
CREATE INDEX outbox_group ON outbox (sink, group_key, number);
CREATE INDEX outbox_counted ON outbox (sink, group_key, number) WHERE state = 4;
CREATE INDEX outbox_settled ON outbox (settled_ms) WHERE state IN (1, 3);
CREATE INDEX outbox_state ON outbox (sink, state, created_ms);
