-- A case event enters its agency's stream, once. KEYS: the stream, the mark that this event is in it.
-- ARGV: the event as JSON, seconds to remember it, milliseconds that the stream keeps its entries (a little longer: only
-- whole nodes are dropped). Answer: 1, or 0 if it was there.
if not redis.call('SET', KEYS[2], '', 'NX', 'EX', ARGV[2]) then return 0 end
local now = redis.call('TIME')
local oldest = math.max(0, now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[3])
redis.call('XADD', KEYS[1], 'MINID', '~', string.format('%d', oldest), '*', 'event', ARGV[1])
return 1
