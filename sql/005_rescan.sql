-- What is stored is judged again: each time that was done, how far it is, and
-- what it changed.
CREATE TABLE rescan (
	number       INTEGER PRIMARY KEY,
	cause        TEXT NOT NULL, -- 'asked', 'changed'
	phase        INTEGER NOT NULL,
	checks       TEXT NOT NULL, -- their ids, with blanks between
	ca           TEXT NOT NULL, -- of which certificates; '' is any
	domain       TEXT NOT NULL,
	from_s       INTEGER, -- notBefore
	until_s      INTEGER,
	after        INTEGER NOT NULL, -- the row judged last
	last         INTEGER NOT NULL, -- the last there was when it began
	judged       INTEGER NOT NULL,
	passed_over  INTEGER NOT NULL,
	first_nb_s   INTEGER, -- of what was judged
	last_nb_s    INTEGER,
	started_ms   INTEGER,
	ended_ms     INTEGER,
	busy_ms      INTEGER NOT NULL,
	judged_by    TEXT NOT NULL
);

CREATE TABLE rescan_delta (
	rescan    INTEGER NOT NULL,
	check_id  TEXT NOT NULL,
	fresh     INTEGER NOT NULL,
	gone      INTEGER NOT NULL,
	unchanged INTEGER NOT NULL,
	PRIMARY KEY (rescan, check_id)
) WITHOUT ROWID;

-- The last rescan that found it again; negative where it did not yet.
ALTER TABLE finding ADD COLUMN rescan INTEGER NOT NULL DEFAULT 0;
CREATE INDEX finding_doubted ON finding (rescan) WHERE rescan < 0;
