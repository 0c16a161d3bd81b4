-- The presence log: every change of a seat, with time and cause. A line of the
-- journal holds those of a second; id is that of the line and a number in it.
-- Work changes at the rate of calls, so a row has no more columns than are
-- searched.

-- +goose Up
CREATE TABLE seat_log (
    id         TEXT   NOT NULL PRIMARY KEY,
    changed_at BIGINT NOT NULL,
    agent      TEXT   NOT NULL,
    body       TEXT   NOT NULL -- the whole change as JSON
);
CREATE INDEX seat_log_by_agent ON seat_log (agent, changed_at);

-- +goose Down
DROP TABLE seat_log;
