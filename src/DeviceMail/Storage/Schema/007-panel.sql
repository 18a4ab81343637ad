-- Browsers that an administrator has paired as control panels.
CREATE TABLE panel (
  id        INTEGER PRIMARY KEY,
  name      TEXT NOT NULL UNIQUE COLLATE NOCASE,
  key_hash  TEXT NOT NULL UNIQUE,   -- SHA-256 of the cookie's 256 bits, in hexadecimal; the key itself is only in the browser
  paired_at INTEGER NOT NULL,
  last_seen INTEGER,
  client    TEXT                    -- the address it was last seen at
);
