-- What waits because it was put off: the first page asks for it every few seconds, and there may be a million others in line.
CREATE INDEX job_put_off ON job (id) WHERE state = 1 AND problem IS NOT NULL;
