-- Leave the line of one offer; leaving twice is leaving once.
--
-- KEYS[1]  {shop}:epoch             string  the epoch in force; absent while the gate is rebuilt
-- KEYS[2]  {shop}:offer:<id>:terms  hash    read for the show
-- KEYS[3]  {shop}:offer:<id>:line   zset    buyer, by when they came
-- KEYS[4]  {shop}:offer:<id>:waits  hash    buyer -> "<wanted> <hold>"
-- KEYS[5]  {shop}:orders            stream  gets an `unwaited` entry
-- ARGV[1]  the caller's epoch
-- ARGV[2]  the offer
-- ARGV[3]  the buyer
--
-- Returns {"unavailable"}, {"ok"} or {"already"}: they had no place, or their turn has come.

local epoch_key, terms_key, line_key, waits_key, orders_key = unpack(KEYS)
local epoch, offer, buyer = unpack(ARGV)

if redis.call("GET", epoch_key) ~= epoch then
  return { "unavailable" }
end
local waits = redis.call("HGET", waits_key, buyer)
if not waits then
  return { "already" }
end
local show = redis.call("HGET", terms_key, "show")
redis.call("ZREM", line_key, buyer)
redis.call("HDEL", waits_key, buyer)
redis.call("XADD", orders_key, "*", "what", "unwaited", "show", show, "offer", offer,
  "hold", string.match(waits, "^%d+ (.*)$"), "buyer", buyer, "reason", "left")
return { "ok" }
