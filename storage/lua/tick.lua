-- Timers that have run down become events, each once. ARGV: now (ms), how many at most. Answer: how many.
local lane = KEYS[1]
local due = redis.call('ZRANGE', lane .. 'timers', '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[2])
for _, timer in ipairs(due) do
  local sealed = redis.call('HGET', lane .. 'ticks', timer)
  if sealed then
    local ref = string.match(timer, '^[^:]*')
    redis.call('XADD', lane .. 'inbox', '*', 'ref', ref, 'sealed', sealed)
    redis.call('HINCRBY', lane .. 'waits', ref, 1)
  end
  redis.call('ZREM', lane .. 'timers', timer)
  redis.call('HDEL', lane .. 'ticks', timer)
end
return #due
