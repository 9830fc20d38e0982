-- Keep one chat line, or every line of one sender, no longer.
--
-- KEYS[1]  room:{id}:chat  list  the last chat lines, oldest first
-- ARGV[1]  the line's id, or nothing
-- ARGV[2]  the sender's id, or nothing
--
-- Returns how many lines went. Idempotent.

local chat = KEYS[1]
local id, sender = ARGV[1], ARGV[2]

local gone = 0
for _, line in ipairs(redis.call("LRANGE", chat, 0, -1)) do
  local said = cjson.decode(line)
  if said.id == id or said.from.id == sender then
    gone = gone + redis.call("LREM", chat, 1, line)
  end
end
return gone
