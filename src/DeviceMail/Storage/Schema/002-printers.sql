-- Printers that sheets are printed on.
CREATE TABLE printer (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE COLLATE NOCASE,
  address     TEXT NOT NULL UNIQUE,   -- ipp or ipps URI
  certificate TEXT                    -- SHA-256 of the certificate at first use; null: none was shown, or an authority vouches for it
);
