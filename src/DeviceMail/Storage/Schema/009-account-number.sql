-- The number that the last new account got: none is given twice, or what is known of one would be taken for the other's.
CREATE TABLE account_number (
  id   INTEGER PRIMARY KEY CHECK (id = 1),
  last INTEGER NOT NULL
);
INSERT INTO account_number (id, last) SELECT 1, max(coalesce((SELECT max(id) FROM account), 0), coalesce((SELECT max(account_id) FROM job), 0));
