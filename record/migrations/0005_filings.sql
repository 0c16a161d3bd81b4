-- What a filing says beyond its columns, and what has been entered to it
-- since: the form, a corrected category, 110's own case number, what came of
-- it. An entry is never changed, so any journal may be applied again and in any
-- order. police_legs are the calls to 110 of all records, for the daily
-- question whether each has its filing.

-- +goose Up
ALTER TABLE filings ADD COLUMN details TEXT NOT NULL DEFAULT '{}';

CREATE TABLE filing_entries (
    number     TEXT   NOT NULL,
    what       TEXT   NOT NULL, -- form, category, police_case, result
    entered_at BIGINT NOT NULL,
    entered_by TEXT   NOT NULL,
    body       TEXT   NOT NULL, -- the whole entry as JSON
    PRIMARY KEY (number, what, entered_at, entered_by)
);

CREATE TABLE police_legs (
    leg        TEXT   NOT NULL PRIMARY KEY,
    call_id    TEXT   NOT NULL,
    filing     TEXT   NOT NULL, -- number of the filing that it went with; '' for none
    region     TEXT   NOT NULL,
    dialled_at BIGINT NOT NULL
);
CREATE INDEX police_legs_by_filing ON police_legs (filing);

-- +goose Down
DROP TABLE police_legs;
DROP TABLE filing_entries;
ALTER TABLE filings DROP COLUMN details;
