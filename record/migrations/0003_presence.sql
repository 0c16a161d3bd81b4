-- The presence log: every change of a seat, with time and cause. A line of the
-- journal holds those of a second; id is that of the line and a number in it.

-- +goose Up
CREATE TABLE seat_log (
    id         TEXT   NOT NULL PRIMARY KEY,
    journal    TEXT   NOT NULL,
    changed_at BIGINT NOT NULL,
    agent      TEXT   NOT NULL,
    what       TEXT   NOT NULL, -- presence, phone, desk, work
    was        TEXT   NOT NULL,
    became     TEXT   NOT NULL,
    cause      TEXT   NOT NULL,
    signed     TEXT   NOT NULL, -- who said so; empty when the gateway has seen it
    call_id    TEXT   NOT NULL,
    queue      TEXT   NOT NULL,
    since      BIGINT NOT NULL  -- of a piece of work: when it was begun
);
CREATE INDEX seat_log_by_agent ON seat_log (agent, changed_at);

-- +goose Down
DROP TABLE seat_log;
