-- One attempt, as most shops write it: a counter and a set, a call a request.
-- KEYS[1]  string  units left
-- KEYS[2]  set     who has one
-- ARGV[1]  the buyer
-- Returns "reserved", "sold_out" or "limit_reached".

local left_key, buyers_key = KEYS[1], KEYS[2]

if redis.call("SISMEMBER", buyers_key, ARGV[1]) == 1 then
  return "limit_reached"
end
if tonumber(redis.call("GET", left_key)) < 1 then
  return "sold_out"
end
redis.call("DECR", left_key)
redis.call("SADD", buyers_key, ARGV[1])
return "reserved"
