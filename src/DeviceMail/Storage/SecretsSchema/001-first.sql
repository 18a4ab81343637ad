CREATE TABLE secret (
  owner  TEXT NOT NULL,
  field  TEXT NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (owner, field)
) WITHOUT ROWID
