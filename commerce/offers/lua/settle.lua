-- Turn holds of one offer into units sold for good; settling twice is settling once.
-- An intent takes its units here: the ledger has sold them to whoever paid first.
--
-- KEYS[1]  {shop}:epoch              string  the epoch in force; absent while the gate is rebuilt
-- KEYS[2]  {shop}:offer:<id>:terms   hash    counts `held`, `sold` and what intents take
-- KEYS[3]  {shop}:offer:<id>:holds   hash    hold -> "<h|i|s> <quantity> <expires_at> <buyer>"
-- ARGV[1]  the caller's epoch
-- ARGV[2…] holds; one that is not there (any more) is passed over
--
-- Returns {"unavailable"} or {"ok", show, left, version, units settled now, units of them that
-- nobody had held, hold…}: intents for which nothing is left yet, because the gate has not heard of
-- the refund that made room for them in the ledger. They are to be settled again.
-- Keeps allocated = available + held + sold and available >= 0. Closing took what was left out of
-- `allocated`; what an intent won before the ledger had closed as well comes back into it.

local epoch_key, terms_key, holds_key = unpack(KEYS)
local epoch = ARGV[1]
local FIRST = 2

if redis.call("GET", epoch_key) ~= epoch then
  return { "unavailable" }
end
local state, show, left, version = unpack(
  redis.call("HMGET", terms_key, "state", "show", "available", "version"))
local reply = { "ok", show or "", left or "0", version or "0", 0, 0 }

-- Decide.
local units, settled = { h = 0, i = 0 }, {}
local available = tonumber(left or 0)
for i = FIRST, #ARGV do
  local hold = ARGV[i]
  local kept = redis.call("HGET", holds_key, hold)
  if kept and not settled[hold] and string.sub(kept, 1, 1) ~= "s" then
    local kind, quantity = string.match(kept, "^(%a) (%d+) ")
    quantity = tonumber(quantity)
    if kind == "i" and state == "open" and units.i + quantity > available then
      reply[#reply + 1] = hold
    else
      units[kind] = units[kind] + quantity
      settled[hold] = "s" .. string.sub(kept, 2)
    end
  end
end

-- Write.
local sold = units.h + units.i
if sold > 0 then
  redis.call("HINCRBY", terms_key, "held", 0 - units.h)
  redis.call("HINCRBY", terms_key, "sold", sold)
  if units.i > 0 then
    redis.call("HINCRBY", terms_key, "intents", -units.i)
    if state == "open" then
      reply[3] = redis.call("HINCRBY", terms_key, "available", -units.i)
      reply[4] = redis.call("HINCRBY", terms_key, "version", 1)
    else
      redis.call("HINCRBY", terms_key, "allocated", units.i)
    end
  end
  for hold, kept in pairs(settled) do
    redis.call("HSET", holds_key, hold, kept)
  end
end
reply[5], reply[6] = sold, units.i
return reply
