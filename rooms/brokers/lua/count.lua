-- Take one worker's count of viewers, its new likes and who is there, and add up all workers'.
--
-- KEYS[1]  room:{id}:crowd  hash  worker -> "<viewers> <seconds> <people>", and `likes`
-- KEYS[2]  room:{id}:head   hash  epoch, offset of the last event
-- KEYS[3]  room:{id}:came   hash  total: how many ever came in; newest: what the last one with a
--                                 name is called; named: the total when they came
-- ARGV[1]  worker; empty: only look
-- ARGV[2]  its viewers
-- ARGV[3]  likes since its last call
-- ARGV[4]  who its viewers are, as it likes to say it
-- ARGV[5]  how many came in since its last call
-- ARGV[6]  what the last of them with a name is called, or nothing
-- ARGV[7]  seconds after which a silent worker no longer counts
-- ARGV[8]  seconds the counts outlive the last call
-- ARGV[9]  up to how many viewers in all a room is told who is there
--
-- Returns {viewers, likes, people of each worker, epoch, offset, total, named, newest}; the log's
-- position is what the worker compares with what it heard. A worker that died is forgotten, so no
-- viewer haunts the room.

local crowd, head, came = KEYS[1], KEYS[2], KEYS[3]
local worker, mine, likes, who = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local entered, name = tonumber(ARGV[5]), ARGV[6]
local silence, life, small = tonumber(ARGV[7]), ARGV[8], tonumber(ARGV[9])
local now = tonumber(redis.call("TIME")[1])

if mine > 0 then
  redis.call("HSET", crowd, worker, string.format("%d %d ", mine, now) .. who)
elseif worker ~= "" then
  redis.call("HDEL", crowd, worker)
end
local total = redis.call("HINCRBY", crowd, "likes", likes)
redis.call("EXPIRE", crowd, life)

if entered > 0 then
  local ever = redis.call("HINCRBY", came, "total", entered)
  if name ~= "" then
    redis.call("HSET", came, "newest", name, "named", ever)
  end
  redis.call("EXPIRE", came, life)
end
local ever, named, newest = unpack(redis.call("HMGET", came, "total", "named", "newest"))

local viewers, people = 0, {}
local fields = redis.call("HGETALL", crowd)
for index = 1, #fields, 2 do
  if fields[index] ~= "likes" then
    local count, at, of_worker = string.match(fields[index + 1], "^(%d+) (%d+) (.*)$")
    if now - tonumber(at) > silence then
      redis.call("HDEL", crowd, fields[index])
    else
      viewers = viewers + tonumber(count)
      people[#people + 1] = of_worker
    end
  end
end
local epoch, offset = unpack(redis.call("HMGET", head, "epoch", "offset"))
people = viewers <= small and people or {}
return { viewers, total, people, epoch, offset, tonumber(ever or "0"), named or "0", newest or "" }
