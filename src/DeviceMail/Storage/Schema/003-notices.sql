-- What was told by mail, so that a restart tells nothing twice: one row a cause.
CREATE TABLE notice (
  kind    TEXT NOT NULL,              -- key of the table of notices
  subject TEXT NOT NULL,              -- the account's id, the reader of undelivered mail, or empty for the gateway
  who     TEXT NOT NULL DEFAULT '',   -- the subject in words, for the mail that says that it is over
  since   INTEGER,                    -- when the cause came; null: it is not there
  level   INTEGER NOT NULL DEFAULT 0, -- how bad it was when it was told last; 0: not told, or told to be over
  told_at INTEGER,
  told_to TEXT,
  told_by TEXT,                       -- the account whose route it went by
  job_id  INTEGER,
  PRIMARY KEY (kind, subject)
) WITHOUT ROWID;
