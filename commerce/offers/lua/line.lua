-- What `release`, `wait` and `restore_line` share: handing units that nobody holds to those in line.
-- It is put before each of them, in one script, so that no one else can come in between.
--
-- Keeps: while anyone is in line, nothing is available. So a fresh attempt finds the offer sold out
-- and cannot overtake; `reserve` need not know of the line.

local function digits(number)
  -- tostring() turns to 1e+14 notation from 15 digits on.
  return string.format("%.0f", number)
end

local function clock_us()
  local time = redis.call("TIME")
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

-- Decide whose turn it is with `available` units: the first in line first, each as many as are left,
-- at most what they wait for and what their limit leaves. Those who have reached it lose their place.
-- (Nobody in line gets units but by their turn, so that takes a rebuilt gate.) Reads only.
-- Returns turns { buyer, hold, wanted, given }.
local function next_turns(keys, available, limit)
  local turns, at = {}, 0
  while available > 0 do
    local buyer = redis.call("ZRANGE", keys.line, at, at)[1]
    if not buyer then
      break
    end
    local wanted, hold = string.match(redis.call("HGET", keys.waits, buyer), "^(%d+) (.*)$")
    local units = tonumber(redis.call("HGET", keys.buyers, buyer) or 0)
    local given = math.max(math.min(tonumber(wanted), limit - units, available), 0)
    turns[#turns + 1] = { buyer = buyer, hold = hold, wanted = wanted, given = given }
    available, at = available - given, at + 1
  end
  return turns
end

-- Carry turns out: the hold, the answer and the entry in the order stream of each, as `reserve` does.
local function take_turns(keys, turns, of, now)
  local held, expires_at = 0, digits(now + of.hold_ms)
  for _, turn in ipairs(turns) do
    redis.call("ZREM", keys.line, turn.buyer)
    redis.call("HDEL", keys.waits, turn.buyer)
    if turn.given > 0 then
      local given = digits(turn.given)
      held = held + turn.given
      redis.call("HINCRBY", keys.buyers, turn.buyer, given)
      redis.call("HSET", keys.holds, turn.hold, "h " .. given .. " " .. expires_at .. " " .. turn.buyer)
      redis.call("HSET", keys.answers, turn.hold,
        turn.wanted .. " held " .. expires_at .. " " .. given)
      redis.call("XADD", keys.orders, "*", "what", "reserved", "show", of.show, "offer", of.offer,
        "hold", turn.hold, "buyer", turn.buyer, "quantity", given, "at", digits(now),
        "expires_at", expires_at, "waited", "1")
    else
      redis.call("XADD", keys.orders, "*", "what", "unwaited", "show", of.show, "offer", of.offer,
        "hold", turn.hold, "buyer", turn.buyer, "reason", "limit_reached")
    end
  end
  if held > 0 then
    redis.call("HINCRBY", keys.terms, "available", -held)
    redis.call("HINCRBY", keys.terms, "held", held)
    redis.call("HINCRBY", keys.terms, "version", 1)
  end
  return expires_at
end
