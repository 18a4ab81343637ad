-- Times are UTC milliseconds since 1970. Secrets are not here: they lie sealed in secrets.db.

CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE administrator (
  id            INTEGER PRIMARY KEY CHECK (id = 1),
  address       TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  changed_at    INTEGER NOT NULL
);

CREATE TABLE activity (
  id       INTEGER PRIMARY KEY,
  at       INTEGER NOT NULL,
  subject  TEXT NOT NULL,   -- account, device, job, gateway, administrator
  id_of    TEXT NOT NULL,   -- which one, in the words a person uses for it
  sentence TEXT NOT NULL
);
CREATE INDEX activity_by_time ON activity (at);

CREATE TABLE account (
  id       INTEGER PRIMARY KEY,
  address  TEXT NOT NULL UNIQUE COLLATE NOCASE,
  settings TEXT NOT NULL,   -- AccountSettings as JSON
  sign_in  TEXT             -- SignInRecord as JSON: since, last refreshed, why it ended; no token
);

CREATE TABLE device (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE COLLATE NOCASE,
  settings    TEXT NOT NULL,   -- DeviceSettings as JSON: address range, credentials' hash, habits, account, contact
  last_seen   INTEGER
);

CREATE TABLE waiting_device (
  address      TEXT PRIMARY KEY,
  mac          TEXT,
  greeting     TEXT,
  first_sender TEXT,
  first_seen   INTEGER NOT NULL,
  last_seen    INTEGER NOT NULL,
  attempts     INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE job (
  id             INTEGER PRIMARY KEY,
  state          INTEGER NOT NULL,
  received_at    INTEGER NOT NULL,
  account_id     INTEGER NOT NULL,
  device_id      INTEGER,
  client_address TEXT NOT NULL,
  greeting       TEXT NOT NULL,
  protocol       TEXT NOT NULL,
  sender         TEXT,             -- null: the null reverse path
  subject        TEXT NOT NULL,
  size           INTEGER NOT NULL,
  header_length  INTEGER NOT NULL,
  traits         INTEGER NOT NULL,
  spool_name     TEXT,             -- the body's file, where it is large
  attempts       INTEGER NOT NULL DEFAULT 0,
  next_try_at    INTEGER NOT NULL,
  problem        TEXT,
  server_words   TEXT,
  finished_at    INTEGER,
  body_segment   INTEGER,          -- where a small body lies in the journal; null: in the body table by now
  body_offset    INTEGER
);
CREATE INDEX job_unfinished ON job (account_id, next_try_at) WHERE state IN (1, 2);
CREATE INDEX job_in_journal ON job (body_segment) WHERE body_segment IS NOT NULL;
CREATE INDEX job_finished ON job (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE recipient (
  job_id       INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  ordinal      INTEGER NOT NULL,
  address      TEXT NOT NULL,
  state        INTEGER NOT NULL,
  server_words TEXT,
  PRIMARY KEY (job_id, ordinal)
) WITHOUT ROWID;

CREATE TABLE body (
  job_id INTEGER PRIMARY KEY REFERENCES job (id) ON DELETE CASCADE,
  octets BLOB NOT NULL
);

-- Up to this number the journal's records have their rows.
CREATE TABLE journal_mark (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  sequence INTEGER NOT NULL
);
