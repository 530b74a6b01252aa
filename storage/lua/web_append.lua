-- A bubble joins its web chat once, the oldest leave, and open pages are told.
-- KEYS: bubbles, ids. ARGV: id, sealed bubble, bubbles kept, seconds until all lapses, news channel, chat's reference.
if redis.call('SADD', KEYS[2], ARGV[1]) == 0 then return '' end
local at = redis.call('XADD', KEYS[1], '*', 'i', ARGV[1], 'b', ARGV[2])
while redis.call('XLEN', KEYS[1]) > tonumber(ARGV[3]) do
  local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
  redis.call('XDEL', KEYS[1], oldest[1])
  redis.call('SREM', KEYS[2], oldest[2][2])
end
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('PUBLISH', ARGV[5], ARGV[6])
return at
