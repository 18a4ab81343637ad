-- Scanners that people scan from.
CREATE TABLE scanner (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE COLLATE NOCASE,
  address     TEXT NOT NULL UNIQUE,   -- http or https URI of its eSCL service
  certificate TEXT                    -- SHA-256 of the certificate at first use; null: none was shown, or an authority vouches for it
);
