-- Give each attempt of a batch a place in the line of one offer, in the order given.
-- Runs behind line.lua.
--
-- KEYS[1]  {shop}:epoch               string  the epoch in force; absent while the gate is rebuilt
-- KEYS[2]  {shop}:offer:<id>:terms    hash    what is sold, when, and how much of it is left
-- KEYS[3]  {shop}:offer:<id>:buyers   hash    buyer -> units held or bought
-- KEYS[4]  {shop}:offer:<id>:holds    hash    hold -> "<h|s> <quantity> <expires_at> <buyer>"
-- KEYS[5]  {shop}:offer:<id>:answers  hash    hold -> "<wanted> held <expires_at> <given>"
-- KEYS[6]  {shop}:offer:<id>:line     zset    buyer, by when they came, in us of this server's clock
-- KEYS[7]  {shop}:offer:<id>:waits    hash    buyer -> "<wanted> <hold>"; who is in the line
-- KEYS[8]  {shop}:orders              stream  gets `waiting`, and `reserved` for who need not wait
-- ARGV[1]  the caller's epoch
-- ARGV[2]  the offer
-- ARGV[3]  how many may wait
-- ARGV[4…] for each attempt: buyer, quantity, hold (what its turn will be called)
--
-- Returns {"unavailable"}, {"unknown_offer"} or {"ok", show, left, version, answer…} with one of
--   "waiting <place> <wanted>"  "held <expires_at> <given>"  "limit_reached <units>"
--   "not_open <ms>"  "closed"  "full"  "not_admitted"  "no_line"  "key_reused"
-- for each attempt. Who is in line gets the same place again, whatever another attempt of theirs asks
-- for; whose turn has come gets the same hold again. The same attempt that comes back with another
-- quantity is `key_reused`. If units came back meanwhile, the turn is now. A first-paid offer
-- holds nothing that could come back, so it has no line.
-- Keeps allocated = available + held + sold. Everything is decided before the first write.

local epoch_key, terms_key, buyers_key, holds_key, answers_key, line_key, waits_key, orders_key =
  unpack(KEYS)
local keys = {
  terms = terms_key, buyers = buyers_key, holds = holds_key, answers = answers_key,
  line = line_key, waits = waits_key, orders = orders_key,
}
local epoch, offer, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local FIRST, WIDTH = 4, 3

if redis.call("GET", epoch_key) ~= epoch then
  return { "unavailable" }
end
local terms = redis.call("HMGET", keys.terms, "state", "epoch", "show", "opens_at", "closes_at",
  "limit", "hold_ms", "available", "version", "entry", "rivals")
local state, terms_epoch, show = terms[1], terms[2], terms[3]
if not state then
  return { "unknown_offer" }
end
local opens_at, closes_at, limit = tonumber(terms[4]), tonumber(terms[5]), tonumber(terms[6])
local available = tonumber(terms[8])
local now_us = clock_us()
local now = math.floor(now_us / 1000)

local refusal
if state ~= "open" or terms_epoch ~= epoch or (closes_at > 0 and now >= closes_at) then
  refusal = "closed"
elseif now < opens_at then
  refusal = "not_open " .. digits(opens_at - now)
elseif terms[10] == "queue" then
  -- What comes back goes on in the drawn order: whoever wants some enters the queue.
  refusal = "not_admitted"
elseif tonumber(terms[11] or 0) > 0 then
  refusal = "no_line"
end

-- Decide.
local length = redis.call("ZCARD", keys.line)
local last = redis.call("ZRANGE", keys.line, -1, -1, "WITHSCORES")
local since = math.max(now_us, tonumber(last[2] or 0) + 1)
local expires_at = digits(now + tonumber(terms[7]))
local turns, joining, answers, asked, taken = {}, {}, {}, {}, {}
local reply = { "ok", show, "", "" }

-- What was answered before, and to how many units it was, if this very attempt asked for them.
local function answered(buyer, hold)
  if answers[hold] then
    return answers[hold], asked[hold]
  end
  local stored = redis.call("HGET", keys.answers, hold)
  if stored then
    local wanted, answer = string.match(stored, "^(%d+) (.*)$")
    return answer, tonumber(wanted)
  end
  local kept = redis.call("HGET", keys.holds, hold)
  if kept then
    -- The answers were lost with an earlier epoch, and the hold was rebuilt from its order.
    local quantity, until_ms = string.match(kept, "^%a (%d+) (%d+) ")
    return "held " .. until_ms .. " " .. quantity
  end
  if joining[buyer] then
    return joining[buyer], asked[hold]
  end
  local waits = redis.call("HGET", keys.waits, buyer)
  if waits then
    local wanted, attempt = string.match(waits, "^(%d+) (.*)$")
    local place = redis.call("ZRANK", keys.line, buyer) + 1
    return "waiting " .. digits(place) .. " " .. wanted, attempt == hold and tonumber(wanted) or nil
  end
  return nil
end

local arrivals = {}
for i = FIRST, #ARGV, WIDTH do
  local buyer, quantity, hold = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2]
  local answer, before = answered(buyer, hold)
  if before and before ~= quantity then
    answer = "key_reused"
  end
  answer = answer or refusal
  if not answer then
    local units = tonumber(redis.call("HGET", keys.buyers, buyer) or 0) + (taken[buyer] or 0)
    if units + quantity > limit then
      answer = "limit_reached " .. digits(units)
    elseif available > 0 then
      local given = math.min(quantity, available)
      available, taken[buyer] = available - given, (taken[buyer] or 0) + given
      answer = "held " .. expires_at .. " " .. digits(given)
      answers[hold], asked[hold] = answer, quantity
      turns[#turns + 1] = { buyer = buyer, hold = hold, wanted = digits(quantity), given = given }
    elseif length >= most then
      answer = "full"
    else
      length = length + 1
      answer = "waiting " .. digits(length) .. " " .. digits(quantity)
      joining[buyer], asked[hold] = answer, quantity
      arrivals[#arrivals + 1] = { buyer, digits(quantity), hold, digits(since) }
      since = since + 1
    end
  end
  reply[#reply + 1] = answer
end

-- Write.
take_turns(keys, turns, { offer = offer, show = show, hold_ms = tonumber(terms[7]) }, now)
for _, arrival in ipairs(arrivals) do
  local buyer, quantity, hold, at = unpack(arrival)
  redis.call("ZADD", keys.line, at, buyer)
  redis.call("HSET", keys.waits, buyer, quantity .. " " .. hold)
  redis.call("XADD", keys.orders, "*", "what", "waiting", "show", show, "offer", offer,
    "hold", hold, "buyer", buyer, "quantity", quantity, "since_us", at)
end
reply[3], reply[4] = unpack(redis.call("HMGET", keys.terms, "available", "version"))
return reply
