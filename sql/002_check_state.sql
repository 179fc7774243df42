-- What incremental checks remember: a value for each check, key and bucket (a
-- day, an hour; the check's own). The check's to read and to write.
CREATE TABLE check_state (
	check_id TEXT NOT NULL,
	key      BLOB NOT NULL,
	bucket   INTEGER NOT NULL,
	value    BLOB NOT NULL,
	PRIMARY KEY (check_id, key, bucket)
) WITHOUT ROWID;
