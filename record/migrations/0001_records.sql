-- One set of statements for SQLite and PostgreSQL. Times are Unix
-- milliseconds, 0 for never; durations are milliseconds; JSON is TEXT.

-- +goose Up
CREATE TABLE records (
    id          TEXT   NOT NULL PRIMARY KEY,
    journal     TEXT   NOT NULL,
    sequence    BIGINT NOT NULL,
    arrived_at  BIGINT NOT NULL,
    ended_at    BIGINT NOT NULL,
    caller      TEXT   NOT NULL,
    dialled     TEXT   NOT NULL,
    region      TEXT   NOT NULL,
    route       TEXT   NOT NULL,
    queue       TEXT   NOT NULL,
    agent       TEXT   NOT NULL,
    outcome     TEXT   NOT NULL,
    waited_ms   BIGINT NOT NULL,
    talked_ms   BIGINT NOT NULL,
    alone_ms    BIGINT NOT NULL,
    words       TEXT   NOT NULL, -- what a search for text looks through
    body        TEXT   NOT NULL  -- the whole record as JSON
);
CREATE INDEX records_by_time ON records (arrived_at, id);
CREATE INDEX records_by_caller ON records (caller, arrived_at);
CREATE INDEX records_by_agent ON records (agent, arrived_at);

-- A number is unique by the way it is made. Should two gateways be given the
-- same name by mistake, neither one's filing may be lost.
CREATE TABLE filings (
    number       TEXT   NOT NULL,
    journal      TEXT   NOT NULL,
    sequence     BIGINT NOT NULL,
    call_id      TEXT   NOT NULL,
    category     TEXT   NOT NULL,
    place        TEXT   NOT NULL,
    region       TEXT   NOT NULL,
    agent        TEXT   NOT NULL,
    caller       TEXT   NOT NULL,
    made_at      BIGINT NOT NULL,
    fsynced_at   BIGINT NOT NULL,
    attempts     TEXT   NOT NULL,
    outcome      TEXT   NOT NULL,
    concluded_at BIGINT NOT NULL,
    acked_at     BIGINT NOT NULL,
    acked_by     TEXT   NOT NULL,
    replaces     TEXT   NOT NULL,
    words        TEXT   NOT NULL,
    PRIMARY KEY (number, journal)
);
CREATE INDEX filings_by_time ON filings (made_at, number);
CREATE INDEX filings_by_call ON filings (call_id);

CREATE TABLE guides (
    version TEXT   NOT NULL PRIMARY KEY,
    content TEXT   NOT NULL,
    seen_at BIGINT NOT NULL
);

-- How far each journal has been applied.
CREATE TABLE marks (
    journal  TEXT   NOT NULL PRIMARY KEY,
    sequence BIGINT NOT NULL,
    hash     TEXT   NOT NULL
);

-- +goose Down
DROP TABLE marks;
DROP TABLE guides;
DROP TABLE filings;
DROP TABLE records;
