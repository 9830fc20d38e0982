-- Stop selling an offer, and mark the place in the order stream; closing twice is closing once.
--
-- KEYS[1]  {shop}:epoch               string  the epoch in force; absent while the gate is rebuilt
-- KEYS[2]  {shop}:offer:<id>:terms    hash    `available` leaves `allocated` and becomes 0
-- KEYS[3]  {shop}:offer:<id>:buyers   hash    expires with the rest
-- KEYS[4]  {shop}:offer:<id>:holds    hash    expires with the rest
-- KEYS[5]  {shop}:offer:<id>:answers  hash    expires with the rest
-- KEYS[6]  {shop}:offer:<id>:line     zset    deleted: nobody's turn comes any more
-- KEYS[7]  {shop}:offer:<id>:waits    hash    likewise
-- KEYS[8]  {shop}:offer:<id>:turns    hash    expires with the rest
-- KEYS[9]  {shop}:orders              stream  gets a `closed` entry behind every reservation
-- ARGV[1]  the caller's epoch
-- ARGV[2]  the offer
-- ARGV[3]  seconds to keep the offer's keys, for replays and late releases
--
-- Returns {"unavailable"}, {"already"} or {"ok"}.
-- An offer the gate does not know gets a tombstone, so that a load that is late cannot open it.

local epoch_key, terms_key, buyers_key, holds_key, answers_key, line_key, waits_key, turns_key, orders_key =
  unpack(KEYS)
local epoch, offer, life_s = ARGV[1], ARGV[2], ARGV[3]

if redis.call("GET", epoch_key) ~= epoch then
  return { "unavailable" }
end

local state, terms_epoch, available = unpack(
  redis.call("HMGET", terms_key, "state", "epoch", "available"))
if state == "closed" and terms_epoch == epoch then
  return { "already" }
end
if state then
  redis.call("HINCRBY", terms_key, "allocated", 0 - tonumber(available))
  redis.call("HINCRBY", terms_key, "version", 1)
  redis.call("HSET", terms_key, "state", "closed", "available", "0", "epoch", epoch)
else
  redis.call("HSET", terms_key, "state", "closed", "epoch", epoch, "show", "", "allocated", "0",
    "available", "0", "held", "0", "sold", "0", "opens_at", "0", "closes_at", "0", "limit", "0",
    "hold_ms", "0", "version", epoch .. "000000000")
end
redis.call("DEL", line_key, waits_key)
redis.call("XADD", orders_key, "*", "what", "closed", "offer", offer)
for _, key in ipairs({ terms_key, buyers_key, holds_key, answers_key, turns_key }) do
  redis.call("EXPIRE", key, life_s)
end
return { "ok" }
