-- Read the chat lines that are known still.
--
-- KEYS[1]  room:{id}:chat  list  the last chat lines, oldest first
-- ARGV[1]  how many to return at most: the newest
--
-- Returns the lines, oldest first.

local chat = KEYS[1]
return redis.call("LRANGE", chat, -ARGV[1], -1)
