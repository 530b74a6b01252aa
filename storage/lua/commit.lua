#!lua flags=allow-oom
-- The one atom: an entry leaves its queue together with everything that follows from it, or nothing happens at all.
-- It, the leases and the taking go on while memory is full: only the door is closed then, and what is inside drains.
-- ARGV: queue, entry, chat ref, set|del|leave (or `apart`: no session is involved), version read, session, its seconds,
-- `take` if who asks also works this lane's outbox, then what follows: (verb, a, b, c) for each.
-- Answer: `done`; `gone`, somebody else did it, or we did and the answer was lost; `moved`, the session is not the one
-- that was read, so think again. With `take`, what is put into the outbox counts as taken at once, as by take.lua: in the
-- place of `done` stand the id that was the outbox's last before, and the ids of what came.
local lane = KEYS[1]
local queue, entry, ref, verb, read, session, seconds, take = unpack(ARGV, 1, 8)
local stream, chat = lane .. queue, lane .. 'chat:' .. ref

if #redis.call('XRANGE', stream, entry, entry) == 0 then return 'gone' end
if verb ~= 'apart' and redis.call('GETRANGE', chat, 0, 7) ~= read then return 'moved' end

-- What waits of each chat in both directions, for the door to know who has too much (intake.lua).
local counted, delta = {inbox = true, outbox = true}, {}
if counted[queue] then delta[ref] = -1 end

local taken = {}
local follow = {
  add = function(to, whose, sealed)
    if take == 'take' and to == 'outbox' and #taken == 0 then
      local last = redis.call('XREVRANGE', lane .. to, '+', '-', 'COUNT', 1)[1]
      taken[1] = last and last[1] or '0-0'
    end
    local id = redis.call('XADD', lane .. to, '*', 'ref', whose, 'sealed', sealed)
    if take == 'take' and to == 'outbox' then
      redis.call('HSET', lane .. 'tries:outbox', id, 1)
      taken[#taken + 1] = id
    end
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
for i = 9, #ARGV, 4 do follow[ARGV[i]](ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]) end

if verb == 'set' then redis.call('SET', chat, session, 'EX', seconds) end
if verb == 'del' then redis.call('DEL', chat) end
redis.call('XDEL', stream, entry)
redis.call('HDEL', lane .. 'tries:' .. queue, entry, entry .. '!')
for whose, by in pairs(delta) do
  if by ~= 0 and redis.call('HINCRBY', lane .. 'waits', whose, by) <= 0 then
    redis.call('HDEL', lane .. 'waits', whose)
  end
end
if #taken > 0 then return taken end
return 'done'
