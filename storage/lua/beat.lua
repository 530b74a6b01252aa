#!lua flags=allow-oom
-- A process says that it is alive, in the server's own time, so that no two hosts' clocks are compared.
-- KEYS: the sorted set of `room|owner`. ARGV: milliseconds after which a member is late, how long a late one is
-- remembered, then (room|owner) for each. Answer: members in time, members late.
local at = redis.call('TIME')
local now = at[1] * 1000 + math.floor(at[2] / 1000)
for i = 3, #ARGV do redis.call('ZADD', KEYS[1], now, ARGV[i]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
return {
  redis.call('ZRANGE', KEYS[1], now - ARGV[1], '+inf', 'BYSCORE'),
  redis.call('ZRANGE', KEYS[1], '-inf', '(' .. (now - ARGV[1]), 'BYSCORE'),
}
