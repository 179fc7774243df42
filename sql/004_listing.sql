-- What each log list said of each log when it was last read.
CREATE TABLE listing (
	list           TEXT NOT NULL,
	log_id         BLOB NOT NULL,
	description    TEXT NOT NULL,
	operator       TEXT NOT NULL,
	url            TEXT NOT NULL,
	monitoring_url TEXT NOT NULL,
	state          TEXT NOT NULL,
	state_since_ms INTEGER,
	first_seen_ms  INTEGER NOT NULL,
	PRIMARY KEY (list, log_id)
) WITHOUT ROWID;
