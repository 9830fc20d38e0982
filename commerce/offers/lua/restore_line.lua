-- Rebuild the line of an open offer from PostgreSQL, behind its holds; called again with more of it.
-- Runs behind line.lua.
--
-- KEYS[1]  {shop}:epoch               string  absent: the gate answers nobody while it is rebuilt
-- KEYS[2]  {shop}:offer:<id>:terms    hash    as `restore` wrote it in this epoch
-- KEYS[3]  {shop}:offer:<id>:buyers   hash    likewise
-- KEYS[4]  {shop}:offer:<id>:holds    hash    likewise
-- KEYS[5]  {shop}:offer:<id>:answers  hash    gets the answers of those whose turn it is
-- KEYS[6]  {shop}:offer:<id>:line     zset    buyer, by when they came
-- KEYS[7]  {shop}:offer:<id>:waits    hash    buyer -> "<wanted> <hold>"
-- KEYS[8]  {shop}:orders              stream  gets `reserved` for those whose turn it is
-- ARGV[1]  the new epoch
-- ARGV[2]  the offer
-- ARGV[3]  "more", or "last": then units that are left go to the line, before anyone else may come
-- ARGV[4…] for each who waits: buyer, quantity, hold, when they came, in us
--
-- Returns {"not_fenced"} or {"superseded"} (someone else is at it; nothing was written) or
-- {"ok", left, version}. Keeps allocated = available + held + sold.

local epoch_key, terms_key, buyers_key, holds_key, answers_key, line_key, waits_key, orders_key =
  unpack(KEYS)
local keys = {
  terms = terms_key, buyers = buyers_key, holds = holds_key, answers = answers_key,
  line = line_key, waits = waits_key, orders = orders_key,
}
local epoch, offer, which = ARGV[1], ARGV[2], ARGV[3]
local FIRST, WIDTH = 4, 4

if redis.call("EXISTS", epoch_key) == 1 then
  return { "not_fenced" }
end
if redis.call("HGET", keys.terms, "epoch") ~= epoch then
  return { "superseded" }
end
for i = FIRST, #ARGV, WIDTH do
  local buyer, quantity, hold, since = unpack(ARGV, i, i + WIDTH - 1)
  redis.call("ZADD", keys.line, since, buyer)
  redis.call("HSET", keys.waits, buyer, quantity .. " " .. hold)
end
local show, closes_at, limit, hold_ms, available = unpack(
  redis.call("HMGET", keys.terms, "show", "closes_at", "limit", "hold_ms", "available"))
local now = math.floor(clock_us() / 1000)
if which == "last" and (closes_at == "0" or now < tonumber(closes_at)) then
  local turns = next_turns(keys, tonumber(available), tonumber(limit))
  take_turns(keys, turns, { offer = offer, show = show, hold_ms = tonumber(hold_ms) }, now)
end
local level = redis.call("HMGET", keys.terms, "available", "version")
return { "ok", level[1], level[2] }
