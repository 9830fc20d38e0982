-- Money that goes back in parts, and what the shop tells other programs.

-- Of an order's total, what its host gave back or promised to. `status` says where the units are:
-- a refunded order gave them back, a paid one keeps them however much of its money goes back.
ALTER TABLE orders
    ADD COLUMN refunded_minor bigint NOT NULL DEFAULT 0,
    ADD CHECK (refunded_minor BETWEEN 0 AND unit_price_minor * quantity);

ALTER TABLE payments
    -- Of the amount, what went back or is on its way: the sum of its refunds.
    ADD COLUMN refunded_minor bigint NOT NULL DEFAULT 0,
    -- When we learnt that the gateway has the money.
    ADD COLUMN captured_at timestamptz,
    -- When the gateway was asked to take no more money for it.
    ADD COLUMN withdrawn_at timestamptz;

UPDATE payments SET captured_at = updated_at WHERE status IN ('captured', 'refund_due', 'refunded');
UPDATE payments SET refunded_minor = amount_minor WHERE status IN ('refund_due', 'refunded');
UPDATE orders SET refunded_minor = unit_price_minor * quantity WHERE status = 'refunded';

ALTER TABLE payments
    ADD CHECK ((captured_at IS NULL) = (status IN ('pending', 'declined'))),
    -- Money goes back once it came, and never more than came.
    ADD CHECK (refunded_minor BETWEEN 0 AND amount_minor),
    ADD CHECK (refunded_minor = 0 OR captured_at IS NOT NULL),
    -- refund_due and refunded: all of it.
    ADD CHECK (status NOT IN ('refund_due', 'refunded') OR refunded_minor = amount_minor),
    ADD CHECK (status <> 'captured' OR refunded_minor < amount_minor OR amount_minor = 0);
CREATE INDEX payments_captured ON payments (captured_at) WHERE captured_at IS NOT NULL;
CREATE INDEX payments_pending ON payments (id) WHERE status = 'pending' AND withdrawn_at IS NULL;

CREATE TABLE refunds (
    id            text PRIMARY KEY,
    payment_id    text NOT NULL REFERENCES payments,
    amount_minor  bigint NOT NULL CHECK (amount_minor > 0),
    -- due: promised; the refunder asks the gateway until it has taken it on.
    status        text NOT NULL DEFAULT 'due' CHECK (status IN ('due', 'done')),
    reason        text NOT NULL DEFAULT '',
    -- The host's idempotency key: a request that is repeated is one refund.
    request_key   text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    -- Not asked for again before: a gateway that refused once is not asked every second.
    due_at        timestamptz NOT NULL DEFAULT now(),
    done_at       timestamptz,
    CHECK ((done_at IS NULL) = (status = 'due')),
    UNIQUE (payment_id, request_key)
);
CREATE INDEX refunds_due ON refunds (due_at) WHERE status = 'due';
DROP INDEX payments_to_refund;
INSERT INTO refunds (id, payment_id, amount_minor, status, created_at, done_at)
SELECT
    'rfd_' || id, id, amount_minor,
    CASE status WHEN 'refunded' THEN 'done' ELSE 'due' END,
    updated_at,
    CASE status WHEN 'refunded' THEN updated_at END
FROM payments
WHERE status IN ('refund_due', 'refunded') AND amount_minor > 0;

-- The sandbox gateway's own books again.
ALTER TABLE sandbox_charges ADD COLUMN captured_at timestamptz;
UPDATE sandbox_charges SET captured_at = created_at WHERE status IN ('succeeded', 'refunded');
CREATE TABLE sandbox_refunds (
    id            text PRIMARY KEY,
    reference     text NOT NULL REFERENCES sandbox_charges,
    amount_minor  bigint NOT NULL CHECK (amount_minor > 0),
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sandbox_refunds_of_charge ON sandbox_refunds (reference);
INSERT INTO sandbox_refunds (id, reference, amount_minor)
SELECT 'rfd_' || payment_id, reference, amount_minor FROM sandbox_charges
WHERE status = 'refunded' AND amount_minor > 0;

-- What happened in the shop, for other programs: recorded in the transaction that made it true.
-- A position is given afterwards, by one process at a time, so that whoever has read up to one
-- never finds an earlier event later.
CREATE TABLE events (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    type         text NOT NULL,
    show_id      text NOT NULL,
    subject_id   text NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT now(),
    position     bigint UNIQUE
);
CREATE INDEX events_to_place ON events (id) WHERE position IS NULL;
CREATE INDEX events_by_age ON events (recorded_at);
CREATE SEQUENCE event_positions;

-- Where a host's own programs listen.
CREATE TABLE webhooks (
    id             text PRIMARY KEY,
    account_id     text NOT NULL REFERENCES accounts,
    url            text NOT NULL,
    secret         bytea NOT NULL,
    -- Which types it wants; empty: all.
    types          text[] NOT NULL DEFAULT '{}',
    created_at     timestamptz NOT NULL DEFAULT now(),
    -- Since when nothing reaches it, and when it was given up until its owner resumes it.
    failing_since  timestamptz,
    paused_at      timestamptz
);
CREATE INDEX webhooks_of_account ON webhooks (account_id);

CREATE TABLE webhook_deliveries (
    webhook_id    text NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    event_id      bigint NOT NULL REFERENCES events ON DELETE CASCADE,
    attempts      integer NOT NULL DEFAULT 0,
    -- NULL: delivered, given up, or waiting for its webhook to be resumed.
    due_at        timestamptz,
    delivered_at  timestamptz,
    -- How the last attempt went.
    tried_at      timestamptz,
    status        integer,
    error         text,
    PRIMARY KEY (webhook_id, event_id)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_deliveries_of_event ON webhook_deliveries (event_id);
