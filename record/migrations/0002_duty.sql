-- Duty overrides (替班、换班) in the state that counts, and hand-over notes
-- (交班记录). rank is how far a state is in the life of an override, so that an
-- older journal that is applied again takes nothing back.

-- +goose Up
CREATE TABLE overrides (
    id         TEXT   NOT NULL PRIMARY KEY,
    post       TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    rank       BIGINT NOT NULL,
    settled_at BIGINT NOT NULL,
    from_at    BIGINT NOT NULL, -- the first instant of all its changes
    to_at      BIGINT NOT NULL, -- the first one after them
    body       TEXT   NOT NULL  -- the whole override as JSON
);
CREATE INDEX overrides_by_post ON overrides (post, from_at);

CREATE TABLE hand_overs (
    post    TEXT   NOT NULL,
    made_at BIGINT NOT NULL,
    signed  TEXT   NOT NULL,
    body    TEXT   NOT NULL, -- the whole note as JSON
    PRIMARY KEY (post, made_at, signed)
);

-- +goose Down
DROP TABLE hand_overs;
DROP TABLE overrides;
