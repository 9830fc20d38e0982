-- Take one worker's count of viewers and its new likes, and add up all workers'.
--
-- KEYS[1]  room:{id}:crowd  hash  worker -> "<viewers> <seconds>", and `likes`
-- ARGV[1]  worker
-- ARGV[2]  its viewers
-- ARGV[3]  likes since its last call
-- ARGV[4]  seconds after which a silent worker no longer counts
-- ARGV[5]  seconds the counts outlive the last call
--
-- Returns {viewers, likes}. A worker that died is forgotten, so no viewer haunts the room.

local crowd = KEYS[1]
local worker, mine, likes = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local silence, life = tonumber(ARGV[4]), ARGV[5]
local now = tonumber(redis.call("TIME")[1])

if mine > 0 then
  redis.call("HSET", crowd, worker, string.format("%d %d", mine, now))
else
  redis.call("HDEL", crowd, worker)
end
local total = redis.call("HINCRBY", crowd, "likes", likes)
redis.call("EXPIRE", crowd, life)

local viewers = 0
local fields = redis.call("HGETALL", crowd)
for index = 1, #fields, 2 do
  if fields[index] ~= "likes" then
    local count, at = string.match(fields[index + 1], "^(%d+) (%d+)$")
    if now - tonumber(at) > silence then
      redis.call("HDEL", crowd, fields[index])
    else
      viewers = viewers + tonumber(count)
    end
  end
end
return { viewers, total }
