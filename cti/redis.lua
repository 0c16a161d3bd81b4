-- Writes a standing (or a page of the duty book) in one step if nobody has
-- written it since the caller read it, and tells everybody.
-- KEYS: fences, standings. ARGV: agent, fence seen, fence to write, standing, channel.
-- Fences are a hash of their own, so that they outlive a deleted standing.
local stored = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '0')
if stored > tonumber(ARGV[2]) then
  local held = redis.call('HGET', KEYS[2], ARGV[1]) or ''
  if stored == tonumber(ARGV[3]) and held == ARGV[4] then
    return {1, stored, ''} -- the same again, after a lost answer
  end
  return {0, stored, held}
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[4])
redis.call('PUBLISH', ARGV[5], ARGV[4])
return {1, tonumber(ARGV[3]), ''}
