#!lua flags=allow-oom
-- The one atom: an entry leaves its queue together with everything that follows from it, or nothing happens at all.
-- It, the leases and the taking go on while memory is full: only the door is closed then, and what is inside drains.
-- ARGV: queue, entry, chat ref, set|del|leave (or `apart`: no session is involved), version read, session, its seconds,
-- then what follows: (verb, a, b, c) for each.
-- Answer: `done`; `gone`, somebody else did it, or we did and the answer was lost; `moved`, the session is not the one
-- that was read, so think again.
local lane = KEYS[1]
local queue, entry, ref, verb, read, session, seconds = unpack(ARGV, 1, 7)
local stream, chat = lane .. queue, lane .. 'chat:' .. ref

if #redis.call('XRANGE', stream, entry, entry) == 0 then return 'gone' end
if verb ~= 'apart' and redis.call('GETRANGE', chat, 0, 7) ~= read then return 'moved' end

-- What waits of each chat in both directions, for the door to know who has too much (intake.lua).
local counted, delta = {inbox = true, outbox = true}, {}
if counted[queue] then delta[ref] = -1 end

local follow = {
  add = function(to, whose, sealed)
    redis.call('XADD', lane .. to, '*', 'ref', whose, 'sealed', sealed)
    if counted[to] then delta[whose] = (delta[whose] or 0) + 1 end
  end,
  carry = function(outbound, about, ttl) redis.call('SET', lane .. 'sent:' .. outbound, about, 'EX', ttl) end,
  remind = function(timer, at, sealed)
    redis.call('ZADD', lane .. 'timers', at, timer)
    redis.call('HSET', lane .. 'ticks', timer, sealed)
  end,
  cancel = function(timer)
    redis.call('ZREM', lane .. 'timers', timer)
    redis.call('HDEL', lane .. 'ticks', timer)
  end,
  bury = function(from, sealed, cause)
    redis.call('XADD', lane .. 'dead', '*', 'queue', from, 'ref', ref, 'sealed', sealed, 'cause', cause)
  end,
}
for i = 8, #ARGV, 4 do follow[ARGV[i]](ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]) end

if verb == 'set' then redis.call('SET', chat, session, 'EX', seconds) end
if verb == 'del' then redis.call('DEL', chat) end
redis.call('XDEL', stream, entry)
redis.call('HDEL', lane .. 'tries:' .. queue, entry, entry .. '!')
for whose, by in pairs(delta) do
  if by ~= 0 and redis.call('HINCRBY', lane .. 'waits', whose, by) <= 0 then
    redis.call('HDEL', lane .. 'waits', whose)
  end
end
return 'done'
