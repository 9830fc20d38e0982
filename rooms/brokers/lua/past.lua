-- Read a room's log after a position, and its last chat lines, at one moment.
--
-- KEYS[1]  room:{id}:head  hash    epoch, offset of the last event, the server they are of
-- KEYS[2]  room:{id}:log   stream  the events; the entry's id is <offset>-0
-- KEYS[3]  room:{id}:chat  list    the last chat lines, oldest first
-- ARGV[1]  an epoch to begin with, when the log is new or was lost
-- ARGV[2]  how many events to return at most: the newest
-- ARGV[3]  seconds the log outlives this reading
-- ARGV[4]  how many chat lines to return at most: the newest
--
-- Returns {epoch, offset, events oldest first, chat lines oldest first}.

local head, log, chat = KEYS[1], KEYS[2], KEYS[3]
local fresh, most, life, lines = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

-- A server that was restarted or replaced may have lost the newest events, so that their offsets
-- would be given out again: its log begins anew, in another epoch.
local server = string.match(redis.call("INFO", "server"), "run_id:(%x+)")
local epoch, of = unpack(redis.call("HMGET", head, "epoch", "server"))
if not epoch or of ~= server then
  epoch = fresh
  redis.call("HSET", head, "epoch", epoch, "server", server, "offset", 0)
  redis.call("DEL", log)
end
redis.call("EXPIRE", head, life)

local offset = tonumber(redis.call("HGET", head, "offset") or "0")
local events = {}
for index, entry in ipairs(redis.call("XREVRANGE", log, "+", "-", "COUNT", most)) do
  events[index] = entry[2][2]
end
for low = 1, math.floor(#events / 2) do
  local high = #events - low + 1
  events[low], events[high] = events[high], events[low]
end
return { epoch, offset, events, redis.call("LRANGE", chat, -lines, -1) }
