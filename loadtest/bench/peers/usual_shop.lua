-- One attempt, as most shops write it: a counter and a set, a call a request.
-- KEYS[1]  string  units left
-- KEYS[2]  set     who has one
-- ARGV[1]  the buyer
-- Returns "reserved", "sold_out" or "limit_reached".
if redis.call("SISMEMBER", KEYS[2], ARGV[1]) == 1 then
  return "limit_reached"
end
if tonumber(redis.call("GET", KEYS[1])) < 1 then
  return "sold_out"
end
redis.call("DECR", KEYS[1])
redis.call("SADD", KEYS[2], ARGV[1])
return "reserved"
