-- How much waits in a lane's queues and since when. ARGV: queues. Answer: (length, first entry or nil) for each.
local out = {}
for i, queue in ipairs(ARGV) do
  local first = redis.call('XRANGE', KEYS[1] .. queue, '-', '+', 'COUNT', 1)[1]
  out[i] = {redis.call('XLEN', KEYS[1] .. queue), first and first[1] or false}
end
return out
