-- What callers are owed. owed_lines holds what the journals say, each line
-- once and never changed, so that any journal may be applied again and in any
-- order; follow_ups is what follows from the lines of one person, made anew
-- whenever a line of that person comes. number_marks are the numbers that a
-- supervisor has marked.

-- +goose Up
CREATE TABLE owed_lines (
    what   TEXT   NOT NULL, -- record, promise, settled, talked
    id     TEXT   NOT NULL, -- of the call, or of the follow-up that is settled
    at     BIGINT NOT NULL,
    person TEXT   NOT NULL, -- the number in its one form; call:ID when it is withheld
    body   TEXT   NOT NULL,
    PRIMARY KEY (what, id, at)
);
CREATE INDEX owed_lines_by_person ON owed_lines (person);
CREATE INDEX owed_lines_by_id ON owed_lines (id);

-- A row is locked while the lines of its person are looked at, so that two
-- gateways do not each miss what the other has just written.
CREATE TABLE owed_persons (
    person TEXT   NOT NULL PRIMARY KEY,
    looks  BIGINT NOT NULL
);

CREATE TABLE follow_ups (
    id     TEXT   NOT NULL PRIMARY KEY, -- of the first call
    person TEXT   NOT NULL,
    state  TEXT   NOT NULL, -- open, settled
    kind   TEXT   NOT NULL,
    region TEXT   NOT NULL,
    owner  TEXT   NOT NULL,
    due_at BIGINT NOT NULL,
    turn   BIGINT NOT NULL, -- the open ones by due_at, behind them the last settled
    body   TEXT   NOT NULL  -- the whole follow-up as JSON
);
CREATE INDEX follow_ups_by_turn ON follow_ups (turn, id);
CREATE INDEX follow_ups_by_person ON follow_ups (person);

CREATE TABLE number_marks (
    id        TEXT   NOT NULL PRIMARY KEY,
    person    TEXT   NOT NULL,
    kind      TEXT   NOT NULL,
    made_at   BIGINT NOT NULL,
    until_at  BIGINT NOT NULL, -- 0: until it is lifted
    lifted_at BIGINT NOT NULL,
    body      TEXT   NOT NULL  -- the whole mark as JSON
);
CREATE INDEX number_marks_by_time ON number_marks (made_at, id);

-- +goose Down
DROP TABLE number_marks;
DROP TABLE follow_ups;
DROP TABLE owed_persons;
DROP TABLE owed_lines;
