-- Give units of one offer back: held ones that were not paid for, sold ones that were refunded.
-- Releasing twice is releasing once.
--
-- KEYS[1]  {shop}:epoch               string  the epoch in force; absent while the gate is rebuilt
-- KEYS[2]  {shop}:offer:<id>:terms    hash    counts; `available` grows if the offer is open
-- KEYS[3]  {shop}:offer:<id>:buyers   hash    buyer -> units held or bought; freed here
-- KEYS[4]  {shop}:offer:<id>:holds    hash    hold -> "<h|s> <quantity> <expires_at> <buyer>"
-- ARGV[1]  the caller's epoch
-- ARGV[2…] holds; one that is not there (any more) is passed over
--
-- Returns {"unavailable"}, {"unknown_offer"} or {"ok", show, left, version, units released now}.
-- Keeps allocated = available + held + sold: a closed offer sells no more, so there the units
-- leave `allocated` (PostgreSQL gives them to the variant).

local epoch_key, terms_key, buyers_key, holds_key = unpack(KEYS)
local epoch = ARGV[1]
local FIRST = 2

if redis.call("GET", epoch_key) ~= epoch then
  return { "unavailable" }
end
local terms = redis.call("HMGET", terms_key, "state", "show", "available", "version")
local state, show, available, version = unpack(terms)
if not state then
  return { "unknown_offer" }
end

local units, gone = { h = 0, s = 0 }, {}
for i = FIRST, #ARGV do
  local hold = ARGV[i]
  local kept = redis.call("HGET", holds_key, hold)
  if kept and not gone[hold] then
    local kind, quantity, buyer = string.match(kept, "^(%a) (%d+) %d+ (.*)$")
    units[kind] = units[kind] + tonumber(quantity)
    gone[hold] = { buyer, tonumber(quantity) }
  end
end

local released = units.h + units.s
if released > 0 then
  for hold, of in pairs(gone) do
    redis.call("HDEL", holds_key, hold)
    if redis.call("HINCRBY", buyers_key, of[1], -of[2]) <= 0 then
      redis.call("HDEL", buyers_key, of[1])
    end
  end
  -- Lua's -0 is no integer to Redis; 0 - 0 is.
  redis.call("HINCRBY", terms_key, "held", 0 - units.h)
  redis.call("HINCRBY", terms_key, "sold", 0 - units.s)
  if state == "open" then
    available = redis.call("HINCRBY", terms_key, "available", released)
    version = redis.call("HINCRBY", terms_key, "version", 1)
  else
    redis.call("HINCRBY", terms_key, "allocated", -released)
  end
end
return { "ok", show, tostring(available), string.format("%.0f", tonumber(version)), released }
