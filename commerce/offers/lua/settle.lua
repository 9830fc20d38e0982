-- Turn holds of one offer into units sold for good; settling twice is settling once.
--
-- KEYS[1]  {shop}:epoch              string  the epoch in force; absent while the gate is rebuilt
-- KEYS[2]  {shop}:offer:<id>:terms   hash    counts `held` and `sold`
-- KEYS[3]  {shop}:offer:<id>:holds   hash    hold -> "<h|s> <quantity> <expires_at> <buyer>"
-- ARGV[1]  the caller's epoch
-- ARGV[2…] holds; one that is not there (any more) is passed over
--
-- Returns {"unavailable"} or {"ok", units settled now}.
-- Keeps allocated = available + held + sold.

local epoch_key, terms_key, holds_key = unpack(KEYS)
local epoch = ARGV[1]
local FIRST = 2

if redis.call("GET", epoch_key) ~= epoch then
  return { "unavailable" }
end

local units, settled = 0, {}
for i = FIRST, #ARGV do
  local hold = ARGV[i]
  local kept = redis.call("HGET", holds_key, hold)
  if kept and not settled[hold] and string.sub(kept, 1, 1) == "h" then
    units = units + tonumber(string.match(kept, "^h (%d+) "))
    settled[hold] = "s" .. string.sub(kept, 2)
  end
end

if units > 0 then
  redis.call("HINCRBY", terms_key, "held", -units)
  redis.call("HINCRBY", terms_key, "sold", units)
  for hold, kept in pairs(settled) do
    redis.call("HSET", holds_key, hold, kept)
  end
end
return { "ok", units }
