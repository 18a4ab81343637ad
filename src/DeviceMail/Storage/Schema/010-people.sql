-- Registered users. What signs a person in is kept as hashes only.
CREATE TABLE person (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,   -- never given twice: a removed person's account is nobody's
  user_id        TEXT NOT NULL UNIQUE,                -- in one case, to be compared; as it was typed it stands in settings
  address        TEXT NOT NULL UNIQUE,                -- likewise
  settings       TEXT NOT NULL,
  password_hash  TEXT,
  id_number_hash TEXT UNIQUE,
  card_hash      TEXT UNIQUE
);
