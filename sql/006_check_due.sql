-- Certificates that a check wants to look at again, and when.
CREATE TABLE check_due (
	due_ms      INTEGER NOT NULL,
	certificate INTEGER NOT NULL,
	check_id    TEXT NOT NULL,
	PRIMARY KEY (due_ms, certificate, check_id)
) WITHOUT ROWID;
