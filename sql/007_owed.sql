-- When it was written down: how long it is asked for is counted from there.
ALTER TABLE owed ADD COLUMN kept_ms INTEGER;
