-- Deliver a message that is not kept.
--
-- KEYS[1]  room:{id}  channel
-- ARGV[1]  the message, its lane in the first line
--
-- Returns nothing.

local channel = KEYS[1]
local message = ARGV[1]
-- Inside a Redis Cluster PUBLISH goes to every node; SPUBLISH (7.0) stays with the room.
local deliver = redis.REDIS_VERSION_NUM and "SPUBLISH" or "PUBLISH"
redis.call(deliver, channel, message)
