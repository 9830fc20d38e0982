-- Keep a chat line among the last, and deliver it.
--
-- KEYS[1]  room:{id}:chat  list  the last chat lines, oldest first
-- ARGV[1]  the line, a JSON object
-- ARGV[2]  how many lines to keep
-- ARGV[3]  seconds the lines outlive the last one
-- ARGV[4]  the channel to deliver on
-- ARGV[5]  the lane, who says it, and whether it is never left out: "s <speaker> <0 or 1>"
--
-- Returns how many lines are kept.

local chat = KEYS[1]
local line, keep, life = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local channel, head = ARGV[4], ARGV[5]
-- Inside a Redis Cluster PUBLISH goes to every node; SPUBLISH (7.0) stays with the room.
local deliver = redis.REDIS_VERSION_NUM and "SPUBLISH" or "PUBLISH"

redis.call("RPUSH", chat, line)
redis.call("LTRIM", chat, -keep, -1)
redis.call("EXPIRE", chat, life)
redis.call(deliver, channel, head .. "\n" .. line)
return redis.call("LLEN", chat)
