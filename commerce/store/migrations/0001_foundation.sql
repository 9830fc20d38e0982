-- The ledger: who, what is for sale, who got it, who paid. Constraints carry the invariants.

-- A moment as the wire has it, in Unix milliseconds, and back.
CREATE FUNCTION ms(moment timestamptz) RETURNS bigint LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN (extract(epoch FROM moment) * 1000)::bigint;
CREATE FUNCTION moment(ms bigint) RETURNS timestamptz LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN 'epoch'::timestamptz + ms * interval '1 millisecond';

CREATE TABLE accounts (
    id            text PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('guest', 'viewer', 'host', 'admin')),
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    email         text UNIQUE CHECK (email = lower(email)),
    password_hash text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CHECK (kind = 'guest' OR (email IS NOT NULL AND password_hash IS NOT NULL))
);

CREATE TABLE products (
    id          text PRIMARY KEY,
    handle      text NOT NULL UNIQUE,
    title       text NOT NULL CHECK (length(title) BETWEEN 1 AND 255),
    body_html   text NOT NULL DEFAULT '',
    vendor      text NOT NULL DEFAULT '',
    kind        text NOT NULL DEFAULT '',
    tags        text[] NOT NULL DEFAULT '{}',
    status      text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'draft', 'archived')),
    options     text[] NOT NULL DEFAULT '{}',
    pictures    text[] NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE variants (
    id            text PRIMARY KEY,
    product_id    text NOT NULL REFERENCES products,
    position      integer NOT NULL,
    sku           text NOT NULL UNIQUE,
    options       text[] NOT NULL DEFAULT '{}',
    price_minor   bigint NOT NULL CHECK (price_minor >= 0),
    was_minor     bigint CHECK (was_minor > price_minor),
    currency      text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    picture       text,
    grams         integer NOT NULL DEFAULT 0 CHECK (grams >= 0),
    -- Units in the warehouse that no offer has taken.
    available     integer NOT NULL CHECK (available >= 0),
    -- Deferred: an import that reorders variants goes through states in which two share a place.
    UNIQUE (product_id, position) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE shows (
    id          text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
    title       text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
    host_id     text NOT NULL REFERENCES accounts,
    state       text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'live', 'ended')),
    pinned_id   text,
    starts_at   timestamptz,
    started_at  timestamptz,
    ended_at    timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- Units of a variant, carved out of its stock while the offer is open.
CREATE TABLE offers (
    id               text PRIMARY KEY,
    show_id          text NOT NULL REFERENCES shows,
    variant_id       text NOT NULL REFERENCES variants,
    kind             text NOT NULL CHECK (kind IN ('everyday', 'flash')),
    -- closing: the gate is shut, and orders from before that moment are still being written.
    state            text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'open', 'closing', 'closed')),
    position         integer NOT NULL,
    price_minor      bigint NOT NULL CHECK (price_minor >= 0),
    was_minor        bigint CHECK (was_minor > price_minor),
    currency         text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- Units the host asks for; `allocated` of them are carved out once the offer opens.
    quantity         integer NOT NULL CHECK (quantity > 0),
    limit_per_buyer  integer NOT NULL CHECK (limit_per_buyer > 0),
    hold_s           integer NOT NULL CHECK (hold_s BETWEEN 10 AND 86400),
    duration_s       integer CHECK (duration_s > 0),
    opens_at         timestamptz,
    closes_at        timestamptz,
    allocated        integer NOT NULL DEFAULT 0 CHECK (allocated >= 0),
    -- Units in orders that await payment or are paid: the database refuses to oversell.
    taken            integer NOT NULL DEFAULT 0 CHECK (taken >= 0),
    created_at       timestamptz NOT NULL DEFAULT now(),
    CHECK (taken <= allocated),
    CHECK (closes_at > opens_at)
);
CREATE INDEX offers_of_show ON offers (show_id, position);
CREATE INDEX offers_to_close ON offers (closes_at) WHERE state IN ('open', 'closing');
ALTER TABLE shows ADD FOREIGN KEY (pinned_id) REFERENCES offers DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE orders (
    id                text PRIMARY KEY,
    -- One order a hold: the stream may be read twice.
    hold_id           text NOT NULL UNIQUE,
    offer_id          text NOT NULL REFERENCES offers,
    show_id           text NOT NULL REFERENCES shows,
    buyer_id          text NOT NULL REFERENCES accounts,
    quantity          integer NOT NULL CHECK (quantity > 0),
    unit_price_minor  bigint NOT NULL CHECK (unit_price_minor >= 0),
    currency          text NOT NULL,
    status            text NOT NULL DEFAULT 'awaiting_payment'
                      CHECK (status IN ('awaiting_payment', 'paid', 'lapsed', 'cancelled', 'refunded')),
    placed_at         timestamptz NOT NULL DEFAULT now(),
    -- The pay window ends before the hold does.
    pay_by            timestamptz NOT NULL,
    hold_expires_at   timestamptz NOT NULL,
    paid_at           timestamptz,
    ended_at          timestamptz,
    -- When the gate learnt the outcome (units sold for good, or given back); idempotent there.
    gate_told_at      timestamptz,
    CHECK (pay_by <= hold_expires_at)
);
CREATE INDEX orders_of_buyer ON orders (buyer_id, show_id, placed_at DESC);
CREATE INDEX orders_of_show ON orders (show_id, placed_at DESC);
CREATE INDEX orders_of_offer ON orders (offer_id);
CREATE INDEX orders_to_lapse ON orders (hold_expires_at) WHERE status = 'awaiting_payment';
CREATE INDEX orders_to_tell ON orders (id) WHERE gate_told_at IS NULL AND status <> 'awaiting_payment';

CREATE TABLE payments (
    id           text PRIMARY KEY,
    order_id     text NOT NULL REFERENCES orders,
    gateway      text NOT NULL,
    -- The gateway's own name for it.
    reference    text,
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    currency     text NOT NULL,
    -- refund_due: captured for an order that could not be kept; the refunder gives it back.
    status       text NOT NULL DEFAULT 'pending'
                 CHECK (status IN ('pending', 'declined', 'captured', 'refund_due', 'refunded')),
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (gateway, reference)
);
CREATE INDEX payments_of_order ON payments (order_id);
-- Money is taken for an order at most once.
CREATE UNIQUE INDEX one_capture_an_order ON payments (order_id) WHERE status = 'captured';
CREATE INDEX payments_to_refund ON payments (id) WHERE status = 'refund_due';

-- Webhooks already acted on; a gateway sends them more than once.
CREATE TABLE gateway_events (
    gateway      text NOT NULL,
    event_id     text NOT NULL,
    received_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (gateway, event_id)
);

-- The sandbox gateway's own books. Nothing but commerce.payments.sandbox reads them.
CREATE TABLE sandbox_charges (
    reference     text PRIMARY KEY,
    payment_id    text NOT NULL UNIQUE,
    amount_minor  bigint NOT NULL,
    currency      text NOT NULL,
    description   text NOT NULL,
    return_url    text NOT NULL,
    status        text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'succeeded', 'declined', 'refunded')),
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE sandbox_events (
    id            text PRIMARY KEY,
    reference     text NOT NULL REFERENCES sandbox_charges,
    body          text NOT NULL,
    due_at        timestamptz NOT NULL,
    attempts      integer NOT NULL DEFAULT 0,
    delivered_at  timestamptz
);
CREATE INDEX sandbox_events_due ON sandbox_events (due_at) WHERE delivered_at IS NULL;

-- Facts, recorded with the transaction that made them true; relayed at least once.
CREATE TABLE outbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic        text NOT NULL,
    show_id      text NOT NULL,
    subject_id   text NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT now(),
    relayed_at   timestamptz
);
CREATE INDEX outbox_waiting ON outbox (id) WHERE relayed_at IS NULL;

-- The answers given to Idempotency-Key headers.
CREATE TABLE idempotency_keys (
    account_id   text NOT NULL,
    key          text NOT NULL,
    fingerprint  text NOT NULL,
    -- NULL while the first request is still being worked on.
    status       integer,
    body         bytea,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, key)
);

-- Which Redis data the gate may trust. A Redis that lost data gets a new epoch, and a rebuilt gate.
CREATE TABLE gate_epochs (
    epoch       bigint PRIMARY KEY,
    run_id      text NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now()
);
