-- Removes the line of a gateway that has gone, if it has not written since.
-- KEYS: heads, the gateway's line. ARGV: gateway, its head as it was seen.
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then
  redis.call('DEL', KEYS[2])
  redis.call('HDEL', KEYS[1], ARGV[1])
end
return 1
