-- What an event or a finding rests on, byte for byte as it was served.
CREATE TABLE exhibit (
	about BLOB NOT NULL, -- the id of the event or finding
	name  TEXT NOT NULL, -- of its file in an evidence folder
	body  BLOB NOT NULL,
	PRIMARY KEY (about, name)
) WITHOUT ROWID;

-- Leaves whose place in a log's tree is still to be proved: those that the log
-- promised in an SCT, and entries that are wrong in a way to be told with proof.
CREATE TABLE owed (
	number       INTEGER PRIMARY KEY,
	log          INTEGER NOT NULL,
	kind         INTEGER NOT NULL, -- 0 promised in an SCT; others: what is wrong
	leaf_hash    BLOB NOT NULL,
	position     INTEGER NOT NULL, -- -1: anywhere
	timestamp_ms INTEGER,
	due_ms       INTEGER,
	tries        INTEGER NOT NULL,
	certificate  INTEGER NOT NULL, -- 0: none
	leaf         BLOB NOT NULL,
	against      BLOB, -- the SCT that promised it; the head that it belies
	note         TEXT NOT NULL,
	UNIQUE (log, leaf_hash, kind, position)
);
CREATE INDEX owed_due ON owed (log, due_ms);
CREATE INDEX owed_position ON owed (log, position) WHERE position >= 0;
