-- Who waits for what comes back of an offer.

-- name: join
-- One place a buyer in an offer: whoever has one keeps it. Those who cannot exist are left out.
-- Idempotent.
INSERT INTO waitlist (hold_id, offer_id, buyer_id, quantity, since_us)
SELECT entry.hold_id, offers.id, accounts.id, entry.quantity, entry.since_us
FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::bigint[])
    AS entry (hold_id, offer_id, buyer_id, quantity, since_us)
JOIN offers ON offers.id = entry.offer_id
JOIN accounts ON accounts.id = entry.buyer_id
ON CONFLICT DO NOTHING;

-- name: leave
-- By the holds that their turns would have been. Idempotent.
DELETE FROM waitlist WHERE hold_id = ANY($1::text[]);

-- name: end_line
-- Nobody waits for a closed offer.
DELETE FROM waitlist WHERE offer_id = $1;

-- name: line
-- The line of an offer in its order, behind who came at $2, at most $3 of it.
SELECT buyer_id AS buyer, quantity, hold_id AS hold, since_us FROM waitlist
WHERE offer_id = $1 AND since_us > $2
ORDER BY since_us
LIMIT $3;

-- name: holds
-- What the turns of a line will be called.
SELECT hold_id AS hold FROM waitlist WHERE offer_id = $1;

-- name: places
-- Where each of many buyers ($1) stands in the lines of a show ($2), in the order of its bag.
WITH wanted AS (
    SELECT DISTINCT buyer_id, show_id FROM unnest($1::text[], $2::text[]) AS w (buyer_id, show_id)
),
mine AS (
    SELECT waitlist.offer_id, waitlist.buyer_id, offers.show_id, offers.position
    FROM wanted
    JOIN waitlist ON waitlist.buyer_id = wanted.buyer_id
    JOIN offers ON offers.id = waitlist.offer_id AND offers.show_id = wanted.show_id
),
placed AS (
    SELECT
        offer_id, buyer_id, quantity,
        row_number() OVER (PARTITION BY offer_id ORDER BY since_us) AS place
    FROM waitlist
    WHERE offer_id IN (SELECT offer_id FROM mine)
)
SELECT
    mine.buyer_id AS buyer, mine.show_id AS show, mine.offer_id AS offer, placed.place,
    placed.quantity
FROM mine
JOIN placed ON placed.offer_id = mine.offer_id AND placed.buyer_id = mine.buyer_id
ORDER BY mine.position, mine.offer_id;
