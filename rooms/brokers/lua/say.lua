-- Keep chat lines among the last, and deliver each in turn.
--
-- KEYS[1]  room:{id}:chat  list  the last chat lines, oldest first
-- ARGV[1]  how many lines to keep
-- ARGV[2]  seconds the lines outlive the last one
-- ARGV[3]  the channel to deliver on
-- ARGV[4]  the lane, who says the first line, and whether it is never left out: "s <speaker> <0 or 1>"
-- ARGV[5]  the first line, a JSON object; and so on, two for each line
--
-- Returns how many lines are kept.

local chat = KEYS[1]
local keep, life, channel = tonumber(ARGV[1]), ARGV[2], ARGV[3]
-- Inside a Redis Cluster PUBLISH goes to every node; SPUBLISH (7.0) stays with the room.
local deliver = redis.REDIS_VERSION_NUM and "SPUBLISH" or "PUBLISH"

for index = 4, #ARGV, 2 do
  local head, line = ARGV[index], ARGV[index + 1]
  redis.call("RPUSH", chat, line)
  redis.call(deliver, channel, head .. "\n" .. line)
end
redis.call("LTRIM", chat, -keep, -1)
redis.call("EXPIRE", chat, life)
return redis.call("LLEN", chat)
