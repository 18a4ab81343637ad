-- What happened to a job on its way. That it was received and sent, its own row tells.
CREATE TABLE job_event (
  id      INTEGER PRIMARY KEY,
  job_id  INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  at      INTEGER NOT NULL,
  until   INTEGER NOT NULL,             -- the last of several equal ones in a row
  times   INTEGER NOT NULL DEFAULT 1,   -- how many these were
  kind    TEXT NOT NULL,                -- JobEventKind
  problem TEXT,
  words   TEXT NOT NULL,                -- the server's, or the account's address
  who     TEXT NOT NULL                 -- who did it; empty: the gateway by itself
);
CREATE INDEX job_event_by_job ON job_event (job_id);
