-- Append a control event to a room's log and deliver it, in one step.
--
-- KEYS[1]  room:{id}:head  hash    epoch, offset of the last event, the server they are of
-- KEYS[2]  room:{id}:log   stream  the events; the entry's id is <offset>-0
-- ARGV[1]  the event: a JSON object without an offset
-- ARGV[2]  an epoch to begin with, when the log is new or was lost
-- ARGV[3]  how many events to keep, about
-- ARGV[4]  seconds the log outlives its last event
-- ARGV[5]  the channel to deliver on
--
-- Returns {epoch, offset}.
-- Redis runs scripts one after another, so the order on the channel is the order of offsets.

local head, log = KEYS[1], KEYS[2]
local event, fresh, keep, life, channel = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
-- Inside a Redis Cluster PUBLISH goes to every node; SPUBLISH (7.0) stays with the room.
local deliver = redis.REDIS_VERSION_NUM and "SPUBLISH" or "PUBLISH"

-- A server that was restarted or replaced may have lost the newest events, so that their offsets
-- would be given out again: its log begins anew, in another epoch.
local server = string.match(redis.call("INFO", "server"), "run_id:(%x+)")
local epoch, of = unpack(redis.call("HMGET", head, "epoch", "server"))
if not epoch or of ~= server then
  epoch = fresh
  redis.call("HSET", head, "epoch", epoch, "server", server, "offset", 0)
  redis.call("DEL", log)
end
local offset = redis.call("HINCRBY", head, "offset", 1)
local placed = '{"offset":' .. string.format("%d", offset) .. "," .. string.sub(event, 2)

redis.call("XADD", log, "MAXLEN", "~", keep, offset .. "-0", "e", placed)
redis.call("EXPIRE", head, life)
redis.call("EXPIRE", log, life)
redis.call(deliver, channel, "c " .. epoch .. " " .. offset .. "\n" .. placed)
return { epoch, offset }
