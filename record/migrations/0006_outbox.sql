-- What is told of a filing to people and systems outside (record/outbox). An
-- event is written in the transaction that brings the filing's line from the
-- journal, together with one delivery for each receiver; its id follows from
-- the line alone, so a journal may be applied again.

-- +goose Up
CREATE TABLE outbox_events (
    id         TEXT   NOT NULL PRIMARY KEY,
    filing     TEXT   NOT NULL,
    journal    TEXT   NOT NULL,
    call_id    TEXT   NOT NULL,
    kind       TEXT   NOT NULL, -- made, outcome, correction
    at         BIGINT NOT NULL, -- when it happened
    turn       BIGINT NOT NULL, -- the order within a filing: 0 for made, else at
    entered_at BIGINT NOT NULL, -- when it came from the journal
    body       TEXT   NOT NULL  -- the filing as it stood then, as JSON
);
CREATE INDEX outbox_events_by_entry ON outbox_events (entered_at);
CREATE INDEX outbox_events_by_filing ON outbox_events (filing, turn);

CREATE TABLE outbox_receivers (
    name    TEXT   NOT NULL PRIMARY KEY,
    kind    TEXT   NOT NULL,
    owner   TEXT   NOT NULL, -- who looks after what it does not acknowledge
    events  TEXT   NOT NULL, -- the kinds it wants, between spaces: " made outcome "
    seen_at BIGINT NOT NULL  -- when a gateway last had it in its configuration
);

CREATE TABLE outbox_deliveries (
    receiver    TEXT   NOT NULL,
    event       TEXT   NOT NULL,
    filing      TEXT   NOT NULL,
    turn        BIGINT NOT NULL,
    state       TEXT   NOT NULL, -- waiting, sent, acknowledged, given_up, withdrawn
    due_at      BIGINT NOT NULL, -- of the next attempt; 0: only an acknowledgement is waited for
    since_at    BIGINT NOT NULL, -- from when it is tried
    attempts    BIGINT NOT NULL,
    lease       TEXT   NOT NULL, -- of the attempt under way
    lease_until BIGINT NOT NULL,
    sent_at     BIGINT NOT NULL,
    acked_at    BIGINT NOT NULL,
    acked_by    TEXT   NOT NULL,
    detail      TEXT   NOT NULL,
    PRIMARY KEY (receiver, event)
);
CREATE INDEX outbox_deliveries_by_turn ON outbox_deliveries (receiver, state, due_at);
CREATE INDEX outbox_deliveries_by_filing ON outbox_deliveries (filing, receiver, turn);

-- Every attempt with its times. ended_at is 0 while it is under way, and for
-- ever when the gateway was killed in it.
CREATE TABLE outbox_steps (
    receiver TEXT   NOT NULL,
    event    TEXT   NOT NULL,
    attempt  BIGINT NOT NULL,
    node     TEXT   NOT NULL,
    began_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    result   TEXT   NOT NULL,
    detail   TEXT   NOT NULL,
    PRIMARY KEY (receiver, event, attempt)
);

-- +goose Down
DROP TABLE outbox_steps;
DROP TABLE outbox_deliveries;
DROP TABLE outbox_receivers;
DROP TABLE outbox_events;
