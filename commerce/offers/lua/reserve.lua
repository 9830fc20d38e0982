-- Hold units of one offer for each attempt of a batch, in the order given.
-- Of a first-paid offer nothing is held: the attempt becomes an intent to pay, and the ledger takes
-- the units once the money is there. There may be as many intents as `rivals` for each unit left.
--
-- KEYS[1]  {shop}:epoch               string  the epoch in force; absent while the gate is rebuilt
-- KEYS[2]  {shop}:offer:<id>:terms    hash    what is sold, when, and how much of it is left
-- KEYS[3]  {shop}:offer:<id>:buyers   hash    buyer -> units held or bought
-- KEYS[4]  {shop}:offer:<id>:holds    hash    hold -> "<h|i|s> <quantity> <expires_at> <buyer>"
-- KEYS[5]  {shop}:offer:<id>:answers  hash    hold -> "<quantity> <answer>"; makes retries harmless
-- KEYS[6]  {shop}:offer:<id>:turns    hash    buyer -> last turn that bought, of an offer with a queue
-- KEYS[7]  {shop}:orders              stream  reservations on their way to PostgreSQL
-- ARGV[1]  the caller's epoch
-- ARGV[2]  the offer
-- ARGV[3]  "<hold> <trace>" for each hold whose trace goes into the stream with it, or nothing
-- ARGV[4…] for each attempt: buyer, quantity, hold (names buyer and idempotency id, so it is the
--          attempt's identity), and "<turn> <until>" of an admission, or nothing
--
-- Returns {"unavailable"}, {"unknown_offer"} or {"ok", show, left, version, answer…} with one of
--   "held <expires_at>"  "intent <expires_at>"  "sold_out"  "limit_reached <units>"  "crowded"
--   "not_open <ms>"  "closed"  "key_reused"  "not_admitted"  "turn_over"  "turn_used"
-- for each attempt. `held`, `intent`, `sold_out` and `limit_reached` are stored and given again; an
-- attempt that comes back with another quantity is `key_reused`. An offer with a queue gives units
-- to admissions alone, and to each turn once: the hold and the turn's end are written together. It
-- is never first-paid: whoever has a turn is not to race for it once more.
--
-- Keeps allocated = available + held + sold and available >= 0. Everything is decided before the
-- first write, because Redis does not roll back; a unit that is held has its stream entry.

local epoch_key, terms_key, buyers_key, holds_key, answers_key, turns_key, orders_key =
  unpack(KEYS)
local epoch, offer = ARGV[1], ARGV[2]
local FIRST, WIDTH = 4, 4

if redis.call("GET", epoch_key) ~= epoch then
  return { "unavailable" }
end

local terms = redis.call("HMGET", terms_key, "state", "epoch", "show", "opens_at", "closes_at",
  "limit", "hold_ms", "available", "held", "version", "entry", "rivals", "intents")
local state, terms_epoch, show = terms[1], terms[2], terms[3]
if not state then
  return { "unknown_offer" }
end
local opens_at, closes_at = tonumber(terms[4]), tonumber(terms[5])
local limit, hold_ms = tonumber(terms[6]), tonumber(terms[7])
local available, held, version = tonumber(terms[8]), tonumber(terms[9]), tonumber(terms[10])
local has_queue = terms[11] == "queue"
-- An offer that was loaded before there were policies has neither.
local rivals, intents = tonumber(terms[12] or 0), tonumber(terms[13] or 0)

local function digits(number)
  -- tostring() turns to 1e+14 notation from 15 digits on.
  return string.format("%.0f", number)
end

local time = redis.call("TIME")
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

-- An offer that was not brought over into this epoch is no longer open in PostgreSQL.
local refusal
if state ~= "open" or terms_epoch ~= epoch or (closes_at > 0 and now >= closes_at) then
  refusal = "closed"
elseif now < opens_at then
  refusal = "not_open " .. digits(opens_at - now)
end

local traces = {}
for hold, trace in string.gmatch(ARGV[3], "(%S+) (%S+)") do
  traces[hold] = trace
end

-- Read.
local buyers, quantities, holds, admissions = {}, {}, {}, {}
for i = FIRST, #ARGV, WIDTH do
  buyers[#buyers + 1] = ARGV[i]
  quantities[#quantities + 1] = tonumber(ARGV[i + 1])
  holds[#holds + 1] = ARGV[i + 2]
  admissions[#admissions + 1] = ARGV[i + 3]
end
local stored, kept, units, spent = {}, {}, {}, {}
do
  local answers = redis.call("HMGET", answers_key, unpack(holds))
  local live = redis.call("HMGET", holds_key, unpack(holds))
  local counts = redis.call("HMGET", buyers_key, unpack(buyers))
  for i = 1, #holds do
    stored[holds[i]] = answers[i] or nil
    kept[holds[i]] = live[i] or nil
    units[buyers[i]] = tonumber(counts[i] or 0)
  end
  if has_queue then
    local turns = redis.call("HMGET", turns_key, unpack(buyers))
    for i = 1, #buyers do
      spent[buyers[i]] = tonumber(turns[i] or 0)
    end
  end
end

-- Decide.
local function replay(hold, quantity)
  local asked, answer
  if stored[hold] then
    asked, answer = string.match(stored[hold], "^(%d+) (.*)$")
  elseif kept[hold] then
    -- The answers were lost with an earlier epoch, and the hold was rebuilt from its order.
    local expires_at
    asked, expires_at = string.match(kept[hold], "^%a (%d+) (%d+) ")
    answer = (rivals > 0 and "intent " or "held ") .. expires_at
  else
    return nil
  end
  if tonumber(asked) ~= quantity then
    return "key_reused"
  end
  return answer
end

-- Why an attempt may not have units of an offer with a queue, or its turn.
local function admitted(buyer, admission)
  local turn, until_ms = string.match(admission, "^(%d+) (%d+)$")
  if not turn then
    return "not_admitted"
  elseif tonumber(turn) <= spent[buyer] then
    return "turn_used"
  elseif now >= tonumber(until_ms) then
    return "turn_over"
  end
  return nil, tonumber(turn)
end

local reply = { "ok", show, "", "" }
local new_answers, new_holds, new_units, new_turns, entries = {}, {}, {}, {}, {}
local expires_at = digits(now + hold_ms)
if rivals > 0 and closes_at > 0 then
  -- Nothing is left to win once the offer has closed.
  expires_at = digits(math.min(now + hold_ms, closes_at))
end
for i = 1, #holds do
  local buyer, quantity, hold = buyers[i], quantities[i], holds[i]
  local answer, turn = replay(hold, quantity) or refusal, nil
  if not answer and has_queue then
    answer, turn = admitted(buyer, admissions[i])
  end
  if not answer then
    if units[buyer] + quantity > limit then
      answer = "limit_reached " .. digits(units[buyer])
    elseif quantity > available then
      answer = "sold_out"
    elseif rivals > 0 and intents + quantity > available * rivals then
      answer = "crowded"
    else
      local kind
      if rivals > 0 then
        kind, answer = "i", "intent " .. expires_at
        intents = intents + quantity
      else
        kind, answer = "h", "held " .. expires_at
        available, held, version = available - quantity, held + quantity, version + 1
      end
      units[buyer] = units[buyer] + quantity
      kept[hold] = kind .. " " .. digits(quantity) .. " " .. expires_at .. " " .. buyer
      new_units[#new_units + 1] = buyer
      new_holds[#new_holds + 1] = hold
      if turn then
        spent[buyer] = turn
        new_turns[#new_turns + 1] = buyer
      end
      entries[#entries + 1] = { hold, buyer, digits(quantity), turn }
    end
    if answer ~= "crowded" then
      stored[hold] = digits(quantity) .. " " .. answer
      new_answers[#new_answers + 1] = hold
    end
  end
  reply[#reply + 1] = answer
end
reply[3], reply[4] = digits(available), digits(version)

-- Write.
local function pairs_of(names, values)
  local flat = {}
  for _, name in ipairs(names) do
    flat[#flat + 1] = name
    flat[#flat + 1] = values[name]
  end
  return unpack(flat)
end

if #entries > 0 then
  redis.call("HSET", terms_key, "available", digits(available), "held", digits(held),
    "intents", digits(intents), "version", digits(version))
  redis.call("HSET", buyers_key, pairs_of(new_units, units))
  redis.call("HSET", holds_key, pairs_of(new_holds, kept))
  for _, entry in ipairs(entries) do
    local hold, turn = entry[1], entry[4]
    local fields = { "what", "reserved", "show", show, "offer", offer, "hold", hold, "buyer",
      entry[2], "quantity", entry[3], "at", digits(now), "expires_at", expires_at }
    if traces[hold] then
      fields[#fields + 1], fields[#fields + 2] = "trace", traces[hold]
    end
    if turn then
      fields[#fields + 1], fields[#fields + 2] = "turn", digits(turn)
    end
    redis.call("XADD", orders_key, "*", unpack(fields))
  end
  if #new_turns > 0 then
    redis.call("HSET", turns_key, pairs_of(new_turns, spent))
  end
end
if #new_answers > 0 then
  redis.call("HSET", answers_key, pairs_of(new_answers, stored))
end
return reply
