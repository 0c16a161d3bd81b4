-- What became of the recordings. Each row is what the journals' lines say of
-- one thing; rank is how far its state is, so that a line that is applied again
-- takes nothing back. Nothing here names a file that must exist: a recording is
-- on the disk of the gateway that has made it.

-- +goose Up
CREATE TABLE recording_seals (
    call_id TEXT   NOT NULL,
    name    TEXT   NOT NULL, -- of the plain file
    at      BIGINT NOT NULL,
    body    TEXT   NOT NULL,
    PRIMARY KEY (call_id, name)
);

CREATE TABLE recording_holds (
    id        TEXT   NOT NULL PRIMARY KEY,
    call_id   TEXT   NOT NULL,
    made_at   BIGINT NOT NULL,
    lifted_at BIGINT NOT NULL,
    body      TEXT   NOT NULL
);
CREATE INDEX recording_holds_by_call ON recording_holds (call_id);

CREATE TABLE recording_purges (
    id      TEXT   NOT NULL PRIMARY KEY,
    call_id TEXT   NOT NULL,
    rank    BIGINT NOT NULL, -- 1 due, 2 withdrawn, 3 done
    journal TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    body    TEXT   NOT NULL
);
CREATE INDEX recording_purges_by_call ON recording_purges (call_id);
CREATE INDEX recording_purges_by_rank ON recording_purges (rank, journal);

-- Who asked to hear a recording, what for, and what came of it.
CREATE TABLE recording_plays (
    id      TEXT   NOT NULL PRIMARY KEY,
    call_id TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    agent   TEXT   NOT NULL, -- who asked
    outcome TEXT   NOT NULL, -- asked, granted, refused
    rank    BIGINT NOT NULL,
    body    TEXT   NOT NULL
);
CREATE INDEX recording_plays_by_call ON recording_plays (call_id);
CREATE INDEX recording_plays_by_time ON recording_plays (at, id);

CREATE INDEX records_by_journal ON records (journal, ended_at);

-- +goose Down
DROP INDEX records_by_journal;
DROP TABLE recording_plays;
DROP TABLE recording_purges;
DROP TABLE recording_holds;
DROP TABLE recording_seals;
