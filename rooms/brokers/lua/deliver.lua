-- Deliver messages that are not kept, in the order given.
--
-- KEYS[1]   room:{id}:head  hash  is not touched: it says which server has the room
-- ARGV[1]   the channel to deliver on
-- ARGV[2…]  the messages, each with its lane in the first line
--
-- Returns nothing.

local _ = KEYS[1]
local channel = ARGV[1]
-- Inside a Redis Cluster PUBLISH goes to every node; SPUBLISH (7.0) stays with the room.
local deliver = redis.REDIS_VERSION_NUM and "SPUBLISH" or "PUBLISH"
for index = 2, #ARGV do
  redis.call(deliver, channel, ARGV[index])
end
