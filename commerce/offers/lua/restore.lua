-- Rebuild an open offer from PostgreSQL in a new epoch; called again with more of its holds.
--
-- KEYS[1]  {shop}:epoch              string  absent: the gate answers nobody while it is rebuilt
-- KEYS[2]  {shop}:offer:<id>:terms   hash    written anew by the first call of the epoch
-- KEYS[3]  {shop}:offer:<id>:buyers  hash    likewise
-- KEYS[4]  {shop}:offer:<id>:holds   hash    likewise
-- KEYS[5]  {shop}:offer:<id>:line    zset    emptied by the first call; `restore_line` fills it
-- KEYS[6]  {shop}:offer:<id>:waits   hash    likewise
-- KEYS[7]  {shop}:offer:<id>:turns   hash    emptied likewise; `restore_turns` fills it
-- ARGV[1]  the new epoch
-- ARGV[2]  the show
-- ARGV[3]  units allocated
-- ARGV[4]  limit per buyer
-- ARGV[5]  how long a hold lasts, in ms
-- ARGV[6]  opens at, Unix ms
-- ARGV[7]  closes at, Unix ms; 0 = when the host says so
-- ARGV[8]  "open", or "queue": it sells to admissions alone
-- ARGV[9]  0 = units are held; else units that may be intended for each one that is left
-- ARGV[10…] for each live order: hold, "h" (awaits payment), "i" (likewise, without a unit) or "s"
--          (paid), quantity, expires_at in Unix ms, buyer
--
-- Returns {"not_fenced"} or {"superseded"} (someone else is at it; nothing was written) or
-- {"ok", left, version}. The answers given so far are kept: a retry still gets its own.
-- Keeps allocated = available + held + sold after every call; a hold counts once.

local epoch_key, terms_key, buyers_key, holds_key, line_key, waits_key, turns_key = unpack(KEYS)
local epoch, show, allocated, limit, hold_ms, opens_at, closes_at, entry, rivals =
  unpack(ARGV, 1, 9)
local FIRST, WIDTH = 10, 5

if redis.call("EXISTS", epoch_key) == 1 then
  return { "not_fenced" }
end
local known = redis.call("HGET", terms_key, "epoch")
if known and tonumber(known) > tonumber(epoch) then
  return { "superseded" }
end
if known ~= epoch then
  redis.call("DEL", terms_key, buyers_key, holds_key, line_key, waits_key, turns_key)
  redis.call("HSET", terms_key, "state", "open", "epoch", epoch, "show", show,
    "opens_at", opens_at, "closes_at", closes_at, "limit", limit, "hold_ms", hold_ms,
    "allocated", allocated, "available", allocated, "held", "0", "sold", "0", "entry", entry,
    "rivals", rivals, "intents", "0", "version", epoch .. "000000000")
end

local counter = { h = "held", i = "intents", s = "sold" }
for i = FIRST, #ARGV, WIDTH do
  local hold, kind, quantity, expires_at, buyer = unpack(ARGV, i, i + WIDTH - 1)
  local kept = table.concat({ kind, quantity, expires_at, buyer }, " ")
  if redis.call("HSETNX", holds_key, hold, kept) == 1 then
    if kind ~= "i" then
      redis.call("HINCRBY", terms_key, "available", -quantity)
    end
    redis.call("HINCRBY", terms_key, counter[kind], quantity)
    redis.call("HINCRBY", buyers_key, buyer, quantity)
  end
end
local now = redis.call("HMGET", terms_key, "available", "version")
return { "ok", now[1], now[2] }
