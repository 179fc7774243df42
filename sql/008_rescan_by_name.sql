-- A rescan of a domain goes by name: the one judged last, with the certificate in
-- `after`.
ALTER TABLE rescan ADD COLUMN after_name TEXT NOT NULL DEFAULT '';
