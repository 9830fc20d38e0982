-- Buyers who ask for their money back, and what became of it. One an order, for good.
CREATE TABLE refund_requests (
    order_id     text PRIMARY KEY REFERENCES orders,
    reason       text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    asked_at     timestamptz NOT NULL DEFAULT now(),
    status       text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'granted', 'declined')),
    -- What the host said when they declined.
    answer       text NOT NULL DEFAULT '' CHECK (length(answer) <= 500),
    answered_at  timestamptz,
    CHECK ((status = 'open') = (answered_at IS NULL))
);
