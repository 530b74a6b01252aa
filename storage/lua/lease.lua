#!lua flags=allow-oom
-- Hold a lane for some rooms. A free lease and a dead owner's are taken, one's own is renewed.
-- ARGV: owner, milliseconds, how many dead owners, they, then the rooms. Answer: who holds each room's lease now.
local lane, me, ms, dead = KEYS[1], ARGV[1], ARGV[2], {}
local rooms = 4 + tonumber(ARGV[3])
for i = 4, rooms - 1 do dead[ARGV[i]] = true end

local holders = {}
for i = rooms, #ARGV do
  local lease = lane .. 'lease:' .. ARGV[i]
  local holder = redis.call('GET', lease)
  if not holder or holder == me or dead[holder] then
    redis.call('SET', lease, me, 'PX', ms)
    holder = me
  end
  holders[#holders + 1] = holder
end
return holders
