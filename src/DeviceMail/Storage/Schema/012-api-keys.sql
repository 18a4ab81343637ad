-- Keys of the HTTP API.
CREATE TABLE api_key (
  id        INTEGER PRIMARY KEY,
  name      TEXT NOT NULL UNIQUE COLLATE NOCASE,
  key_hash  TEXT NOT NULL UNIQUE,   -- SHA-256 of its 256 bits, in hexadecimal; the key itself was shown once
  scopes    TEXT NOT NULL,          -- send, read, admin; separated by spaces
  made_at   INTEGER NOT NULL,
  last_used INTEGER
);
