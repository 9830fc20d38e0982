-- Rebuild which turns of an offer with a queue have bought, from PostgreSQL; called again with more.
--
-- KEYS[1]  {shop}:epoch              string  absent: the gate answers nobody while it is rebuilt
-- KEYS[2]  {shop}:offer:<id>:terms   hash    as `restore` wrote it in this epoch
-- KEYS[3]  {shop}:offer:<id>:turns   hash    buyer -> last turn that bought
-- ARGV[1]  the new epoch
-- ARGV[2…] for each buyer whose turn bought: buyer, turn
--
-- Returns {"not_fenced"} or {"superseded"} (someone else is at it; nothing was written) or
-- {"ok", left, version}.

local epoch_key, terms_key, turns_key = unpack(KEYS)
local epoch = ARGV[1]
local FIRST, WIDTH = 2, 2

if redis.call("EXISTS", epoch_key) == 1 then
  return { "not_fenced" }
end
if redis.call("HGET", terms_key, "epoch") ~= epoch then
  return { "superseded" }
end
for i = FIRST, #ARGV, WIDTH do
  redis.call("HSET", turns_key, ARGV[i], ARGV[i + 1])
end
local level = redis.call("HMGET", terms_key, "available", "version")
return { "ok", level[1], level[2] }
