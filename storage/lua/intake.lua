-- The door. All events of one lane, each once: the mark that it was heard and the entry in the inbox come together.
-- ARGV: the inbox's bound, seconds to remember an id, how much of one chat may wait, `take` if who asks works this lane,
-- then for each event: digest of the id, chat ref, sealed event, `hold` if its provider can hold this chat back alone.
-- Answer: which were new (1), heard before (0) or are to come again (-1: too much of this chat waits), in order; nothing
-- at all was kept if the answer is empty. With `take`, where nothing waits in front, a new one counts as taken at once, as
-- by take.lua: in the place of 1 stand its id and, for a chat's first, its session.
local lane = KEYS[1]
local inbox, most = lane .. 'inbox', tonumber(ARGV[3])
local waiting = redis.call('XLEN', inbox)
if waiting >= tonumber(ARGV[1]) then return {} end
local take, loaded = ARGV[4] == 'take' and waiting == 0, {}

local new = {}
for i = 5, #ARGV, 4 do
  local seen, ref = lane .. 'seen:' .. ARGV[i], ARGV[i + 1]
  if not redis.call('SET', seen, '', 'NX', 'EX', ARGV[2]) then
    new[#new + 1] = 0
  elseif redis.call('HINCRBY', lane .. 'waits', ref, 1) > most and ARGV[i + 3] == 'hold' then
    redis.call('HINCRBY', lane .. 'waits', ref, -1)
    redis.call('DEL', seen)
    new[#new + 1] = -1
  else
    local id = redis.call('XADD', inbox, '*', 'ref', ref, 'sealed', ARGV[i + 2])
    if take then
      redis.call('HSET', lane .. 'tries:inbox', id, 1)
      new[#new + 1] = {id, not loaded[ref] and redis.call('GET', lane .. 'chat:' .. ref)}
      loaded[ref] = true
    else
      new[#new + 1] = 1
    end
  end
end
return new
