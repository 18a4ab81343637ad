-- What people did, each entry chained to the one before it by a hash: what was written is neither changed nor taken away.
-- AUTOINCREMENT: the number of an entry is never given twice, so that a missing last entry shows.

CREATE TABLE audit (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  who     TEXT NOT NULL,
  client  TEXT NOT NULL,   -- from where: an address, or this machine
  what    TEXT NOT NULL,
  subject TEXT NOT NULL,   -- done to what
  before  TEXT NOT NULL,   -- without secrets
  after   TEXT NOT NULL,
  hash    BLOB NOT NULL    -- SHA-256 over the former entry's hash and all of the above
);

-- Where the chain begins: the hash of the last entry that was removed because its time was over.
CREATE TABLE audit_start (
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  entry INTEGER NOT NULL,
  hash  BLOB NOT NULL
);
INSERT INTO audit_start (id, entry, hash) VALUES (1, 0, randomblob(32));

CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'an entry of the audit log cannot be changed'); END;
CREATE TRIGGER audit_keeps BEFORE DELETE ON audit WHEN OLD.id > (SELECT entry FROM audit_start) BEGIN SELECT RAISE(ABORT, 'an entry of the audit log cannot be removed'); END;
