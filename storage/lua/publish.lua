-- A case event enters its agency's stream, once. KEYS: the stream, the mark that this event is in it.
-- ARGV: the event as JSON, seconds to remember it. Answer: 1, or 0 if it was there.
if not redis.call('SET', KEYS[2], '', 'NX', 'EX', ARGV[2]) then return 0 end
redis.call('XADD', KEYS[1], '*', 'event', ARGV[1])
return 1
