-- Begin to sell an offer that PostgreSQL has opened; loading twice is loading once. An open offer
-- that is known takes a later end, and never an earlier one: what is loaded may be old news.
--
-- KEYS[1]  {shop}:epoch              string  the epoch in force; absent while the gate is rebuilt
-- KEYS[2]  {shop}:offer:<id>:terms   hash    written if this epoch does not know it; else its end
-- ARGV[1]  the caller's epoch
-- ARGV[2]  the show
-- ARGV[3]  units allocated
-- ARGV[4]  units in live orders
-- ARGV[5]  limit per buyer
-- ARGV[6]  how long a hold lasts, in ms
-- ARGV[7]  opens at, Unix ms
-- ARGV[8]  closes at, Unix ms; 0 = when the host says so
-- ARGV[9]  "open", or "queue": it sells to admissions alone
-- ARGV[10] 0 = units are held; else units that may be intended for each one that is left
--
-- Returns {"unavailable"}, {"already"} (open or closed, and but for its end untouched), {"ok"}, or
-- {"lost"}: there are orders, so the gate did know the offer and has lost it; only a new epoch can
-- rebuild it.
-- Versions begin at epoch * 10^9, so that they grow even over a Redis that lost everything.

local epoch_key, terms_key = unpack(KEYS)
local epoch, show, allocated, taken, limit, hold_ms, opens_at, closes_at, entry, rivals =
  unpack(ARGV)

if redis.call("GET", epoch_key) ~= epoch then
  return { "unavailable" }
end
local known, state, ends = unpack(
  redis.call("HMGET", terms_key, "epoch", "state", "closes_at"))
if known == epoch then
  if state == "open" and tonumber(ends) > 0 and tonumber(closes_at) > tonumber(ends) then
    redis.call("HSET", terms_key, "closes_at", closes_at)
  end
  return { "already" }
end
if tonumber(taken) > 0 then
  return { "lost" }
end
redis.call("HSET", terms_key, "state", "open", "epoch", epoch, "show", show,
  "opens_at", opens_at, "closes_at", closes_at, "limit", limit, "hold_ms", hold_ms,
  "allocated", allocated, "available", allocated, "held", "0", "sold", "0", "entry", entry,
  "rivals", rivals, "intents", "0", "version", epoch .. "000000000")
return { "ok" }
