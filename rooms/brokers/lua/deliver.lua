-- Deliver a message that is not kept.
--
-- KEYS[1]  room:{id}:head  hash  is not touched: it says which server has the room
-- ARGV[1]  the message, its lane in the first line
-- ARGV[2]  the channel to deliver on
--
-- Returns nothing.

local _ = KEYS[1]
local message, channel = ARGV[1], ARGV[2]
-- Inside a Redis Cluster PUBLISH goes to every node; SPUBLISH (7.0) stays with the room.
local deliver = redis.REDIS_VERSION_NUM and "SPUBLISH" or "PUBLISH"
redis.call(deliver, channel, message)
