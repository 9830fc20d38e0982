-- Give units of one offer back: held ones that were not paid for, sold ones that were refunded. An
-- intent gives back no unit, only its place among the rivals and in the buyer's limit.
-- Those in line get them here, before anyone else can. Releasing twice is releasing once.
-- Runs behind line.lua.
--
-- KEYS[1]  {shop}:epoch               string  the epoch in force; absent while the gate is rebuilt
-- KEYS[2]  {shop}:offer:<id>:terms    hash    counts; `available` grows if the offer is open
-- KEYS[3]  {shop}:offer:<id>:buyers   hash    buyer -> units held or bought; freed here
-- KEYS[4]  {shop}:offer:<id>:holds    hash    hold -> "<h|i|s> <quantity> <expires_at> <buyer>"
-- KEYS[5]  {shop}:offer:<id>:answers  hash    gets the answers of those whose turn it is
-- KEYS[6]  {shop}:offer:<id>:line     zset    buyer, by when they came
-- KEYS[7]  {shop}:offer:<id>:waits    hash    buyer -> "<wanted> <hold>"
-- KEYS[8]  {shop}:orders              stream  gets `reserved` for those whose turn it is
-- ARGV[1]  the caller's epoch
-- ARGV[2]  the offer
-- ARGV[3…] holds; one that is not there (any more) is passed over
--
-- Returns {"unavailable"}, {"unknown_offer"} or {"ok", show, left, version, units released now};
-- those of intents are not among the units.
-- Keeps allocated = available + held + sold: a closed offer sells no more, so there the units
-- leave `allocated` (PostgreSQL gives them to the variant).

local epoch_key, terms_key, buyers_key, holds_key, answers_key, line_key, waits_key, orders_key =
  unpack(KEYS)
local keys = {
  terms = terms_key, buyers = buyers_key, holds = holds_key, answers = answers_key,
  line = line_key, waits = waits_key, orders = orders_key,
}
local epoch, offer = ARGV[1], ARGV[2]
local FIRST = 3

if redis.call("GET", epoch_key) ~= epoch then
  return { "unavailable" }
end
local state, show, closes_at, limit, hold_ms, available = unpack(redis.call("HMGET", keys.terms,
  "state", "show", "closes_at", "limit", "hold_ms", "available"))
if not state then
  return { "unknown_offer" }
end

-- Decide.
local units, gone = { h = 0, i = 0, s = 0 }, {}
for i = FIRST, #ARGV do
  local hold = ARGV[i]
  local kept = redis.call("HGET", keys.holds, hold)
  if kept and not gone[hold] then
    local kind, quantity, buyer = string.match(kept, "^(%a) (%d+) %d+ (.*)$")
    units[kind] = units[kind] + tonumber(quantity)
    gone[hold] = { buyer, tonumber(quantity) }
  end
end

local released = units.h + units.s
local now = math.floor(clock_us() / 1000)
local turns = {}
if released > 0 and state == "open" and (closes_at == "0" or now < tonumber(closes_at)) then
  turns = next_turns(keys, tonumber(available) + released, tonumber(limit))
end

-- Write.
for hold, of in pairs(gone) do
  redis.call("HDEL", keys.holds, hold)
  if redis.call("HINCRBY", keys.buyers, of[1], -of[2]) <= 0 then
    redis.call("HDEL", keys.buyers, of[1])
  end
end
if units.i > 0 then
  redis.call("HINCRBY", keys.terms, "intents", -units.i)
end
if released > 0 then
  -- Lua's -0 is no integer to Redis; 0 - 0 is.
  redis.call("HINCRBY", keys.terms, "held", 0 - units.h)
  redis.call("HINCRBY", keys.terms, "sold", 0 - units.s)
  if state == "open" then
    redis.call("HINCRBY", keys.terms, "available", released)
    redis.call("HINCRBY", keys.terms, "version", 1)
  else
    redis.call("HINCRBY", keys.terms, "allocated", -released)
  end
  take_turns(keys, turns, { offer = offer, show = show, hold_ms = tonumber(hold_ms) }, now)
end
local level = redis.call("HMGET", keys.terms, "available", "version")
return { "ok", show, level[1], level[2], released }
