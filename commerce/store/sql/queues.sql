-- Queues before a sale: who entered, in which order they were drawn, whose turn it is.

-- name: open
-- Its seed is secret until the draw.
INSERT INTO queues (offer_id, seed, commitment) VALUES ($1, $2, $3);

-- name: lock
-- Whoever else changes this queue waits. No row: the offer has none, or is a draft.
SELECT offer_id FROM queues WHERE offer_id = $1 FOR NO KEY UPDATE;

-- name: lock_unless_taken
-- No row: as above, or somebody else is at it.
SELECT offer_id FROM queues WHERE offer_id = $1 FOR NO KEY UPDATE SKIP LOCKED;

-- name: look
-- Read behind the lock, so by the clock as it is now.
SELECT
    queues.offer_id AS offer, offers.show_id AS show, offers.state, queues.entrants, queues.last,
    queues.called, queues.drawn_at IS NOT NULL AS drawn, offers.limit_per_buyer AS limit,
    offers.opens_at <= clock_timestamp() AS begun,
    coalesce(offers.closes_at <= clock_timestamp(), false) AS over
FROM queues JOIN offers ON offers.id = queues.offer_id
WHERE queues.offer_id = $1;

-- name: is_draft
-- Whether an offer will have a queue and has none yet. No row: there is no such offer.
SELECT entry = 'queue' AND state = 'draft' FROM offers WHERE id = $1;

-- name: running
-- The queues of every open offer, in the same form.
SELECT
    queues.offer_id AS offer, offers.show_id AS show, offers.state, queues.entrants, queues.last,
    queues.called, queues.drawn_at IS NOT NULL AS drawn, offers.limit_per_buyer AS limit,
    offers.opens_at <= clock_timestamp() AS begun,
    coalesce(offers.closes_at <= clock_timestamp(), false) AS over
FROM offers JOIN queues ON queues.offer_id = offers.id
WHERE offers.state = 'open'
ORDER BY queues.offer_id;

-- name: view
-- What proves the draw. No row: the offer has no queue.
SELECT
    queues.offer_id AS offer, queues.commitment, queues.entrants, queues.last, queues.called,
    CASE WHEN queues.drawn_at IS NOT NULL THEN encode(queues.seed, 'hex') END AS seed,
    queues.roll, ms(queues.drawn_at) AS drawn_at, ms(offers.opens_at) AS draws_at
FROM queues JOIN offers ON offers.id = queues.offer_id
WHERE queues.offer_id = $1;

-- name: standing
-- Where the accounts $2 stand; `over`: their turn has come, and they bought or missed it ($3 ms ago).
SELECT
    entrants.account_id AS account, entrants.place, entrants.turn,
    ms(entrants.turn_until) AS until,
    entrants.turn > 0 AND entrants.place <= queues.called
        AND (entrants.spent = entrants.turn
             OR entrants.turn_until + $3 * interval '1 millisecond' <= clock_timestamp()) AS over,
    (SELECT coalesce(sum(orders.quantity), 0)::integer FROM orders
     WHERE orders.offer_id = entrants.offer_id AND orders.buyer_id = entrants.account_id
       AND orders.status IN ('awaiting_payment', 'paid')) AS taken
FROM entrants JOIN queues ON queues.offer_id = entrants.offer_id
WHERE entrants.offer_id = $1 AND entrants.account_id = ANY($2::text[]);

-- name: enter
-- Who comes before the draw ($3 is NULL) has no place yet; who comes later, or again, gets the next
-- ones, from $3 on, in the order given. Needs `lock`. Accounts that do not exist are left out.
INSERT INTO entrants (offer_id, account_id, in_draw, place)
SELECT
    $1, accounts.id, $3::integer IS NULL,
    $3::integer + row_number() OVER (ORDER BY wanted.position) - 1
FROM unnest($2::text[]) WITH ORDINALITY AS wanted (account_id, position)
JOIN accounts ON accounts.id = wanted.account_id
ON CONFLICT (offer_id, account_id) DO UPDATE SET place = excluded.place, turn_until = NULL
RETURNING account_id AS account, place;

-- name: count
-- Needs `lock`. $2 more entered, and $3 more places were given.
UPDATE queues SET entrants = entrants + $2, last = last + $3 WHERE offer_id = $1;

-- name: seed
-- One row: needs `lock`.
SELECT seed FROM queues WHERE offer_id = $1;

-- name: in_draw
-- Everyone who entered before the draw, in an order that does not depend on when.
SELECT account_id AS account FROM entrants WHERE offer_id = $1 AND in_draw ORDER BY account_id;

-- name: place
-- Gives the accounts $2 their places, in the order given. Needs `lock`.
UPDATE entrants SET place = drawn.place, untold = true
FROM unnest($2::text[]) WITH ORDINALITY AS drawn (account_id, place)
WHERE entrants.offer_id = $1 AND entrants.account_id = drawn.account_id;

-- name: draw
-- Needs `lock`. No row: it was drawn before.
UPDATE queues SET drawn_at = clock_timestamp(), roll = $2, last = $3
WHERE offer_id = $1 AND drawn_at IS NULL
RETURNING offer_id;

-- name: outstanding
-- Turns that may still buy, $2 ms after their end as well: an attempt may be on its way.
SELECT count(*) FROM entrants
WHERE offer_id = $1 AND turn > spent
    AND turn_until + $2 * interval '1 millisecond' > clock_timestamp();

-- name: admit
-- Gives a turn of $3 ms to the next $2 in the queue, in its order. Needs `lock`.
WITH next AS (
    SELECT entrants.account_id, entrants.place
    FROM entrants JOIN queues ON queues.offer_id = entrants.offer_id
    WHERE entrants.offer_id = $1 AND entrants.place > queues.called
    ORDER BY entrants.place
    LIMIT $2
),
locked AS (
    SELECT entrants.account_id FROM entrants JOIN next USING (account_id)
    WHERE entrants.offer_id = $1
    ORDER BY entrants.account_id
    FOR NO KEY UPDATE OF entrants
),
admitted AS (
    UPDATE entrants SET
        turn = turn + 1, untold = true,
        turn_until = clock_timestamp() + $3 * interval '1 millisecond'
    FROM locked
    WHERE entrants.offer_id = $1 AND entrants.account_id = locked.account_id
)
UPDATE queues SET called = (SELECT max(place) FROM next)
WHERE offer_id = $1 AND EXISTS (SELECT FROM next)
RETURNING called;

-- name: untold
-- Those who have yet to hear where they stand, $1 of them, whose turn it is first.
SELECT
    entrants.offer_id AS offer, offers.show_id AS show, entrants.account_id AS account,
    entrants.place, entrants.turn, ms(entrants.turn_until) AS until,
    entrants.turn > entrants.spent AND entrants.turn_until > clock_timestamp() AS admitted
FROM entrants JOIN offers ON offers.id = entrants.offer_id
WHERE entrants.untold
ORDER BY entrants.turn_until NULLS LAST, entrants.place
LIMIT $1;

-- name: told
-- Who has had another turn meanwhile has yet to hear of that.
-- Rows are locked in one order, here and in `admit` and `spend`, so that nobody waits in a circle.
WITH heard AS (
    SELECT entrants.offer_id, entrants.account_id, heard.turn
    FROM unnest($1::text[], $2::text[], $3::integer[]) AS heard (offer_id, account_id, turn)
    JOIN entrants USING (offer_id, account_id)
    ORDER BY entrants.offer_id, entrants.account_id
    FOR NO KEY UPDATE OF entrants
)
UPDATE entrants SET untold = false
FROM heard
WHERE entrants.offer_id = heard.offer_id AND entrants.account_id = heard.account_id
    AND entrants.turn = heard.turn;

-- name: spend
-- By the order that a turn became, in its transaction. Idempotent.
WITH bought AS (
    SELECT entrants.offer_id, entrants.account_id, bought.turn
    FROM unnest($1::text[], $2::text[], $3::integer[]) AS bought (offer_id, account_id, turn)
    JOIN entrants USING (offer_id, account_id)
    ORDER BY entrants.offer_id, entrants.account_id
    FOR NO KEY UPDATE OF entrants
)
UPDATE entrants SET spent = greatest(spent, least(bought.turn, entrants.turn))
FROM bought
WHERE entrants.offer_id = bought.offer_id AND entrants.account_id = bought.account_id;

-- name: spent
-- Turns that bought, behind the account $2, at most $3 of them.
SELECT account_id AS account, spent AS turn FROM entrants
WHERE offer_id = $1 AND spent > 0 AND account_id > $2
ORDER BY account_id
LIMIT $3;

-- name: of_viewers
-- Where each of many accounts ($1) stands in the queues of the open offers of a show ($2).
SELECT DISTINCT
    entrants.account_id AS account, offers.show_id AS show, entrants.offer_id AS offer,
    offers.position,
    coalesce(entrants.place, 0) AS place, entrants.turn, ms(entrants.turn_until) AS until,
    entrants.turn_until IS NOT NULL
        AND (entrants.turn = entrants.spent OR entrants.turn_until <= clock_timestamp()) AS over
FROM unnest($1::text[], $2::text[]) AS wanted (account_id, show_id)
JOIN entrants ON entrants.account_id = wanted.account_id
JOIN offers ON offers.id = entrants.offer_id AND offers.show_id = wanted.show_id
WHERE offers.state = 'open'
ORDER BY offers.position, entrants.offer_id;
