-- Writes a notice of one gateway in one step, if it is later than what that
-- gateway has written before, and tells everybody.
-- KEYS: heads, the gateway's line. ARGV: gateway, life, seq, channel, notice,
-- how many posts, then the id and the text of each, then the ids that go.
local head = redis.call('HGET', KEYS[1], ARGV[1]) or '0 0'
local life, seq = string.match(head, '(%d+) (%d+)')
life, seq = tonumber(life), tonumber(seq)
local newLife, newSeq = tonumber(ARGV[2]), tonumber(ARGV[3])
if life == newLife and seq == newSeq then
  return 1 -- the same again, after a lost answer
end
if life > newLife or (life == newLife and seq > newSeq) then
  return 0
end
if life ~= newLife then
  redis.call('DEL', KEYS[2])
end
local posts = tonumber(ARGV[6])
for i = 0, posts - 1 do
  redis.call('HSET', KEYS[2], ARGV[7 + 2 * i], ARGV[8 + 2 * i])
end
for i = 7 + 2 * posts, #ARGV do
  redis.call('HDEL', KEYS[2], ARGV[i])
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1
