-- The door. All events of one lane, each once: the mark that it was heard and the entry in the inbox come together.
-- ARGV: the inbox's bound, seconds to remember an id, then (digest of the id, chat ref, sealed event) for each.
-- Answer: which were new (1) or heard before (0), in order; nothing at all was kept if the answer is empty.
local lane = KEYS[1]
local inbox = lane .. 'inbox'
if redis.call('XLEN', inbox) >= tonumber(ARGV[1]) then return {} end

local new = {}
for i = 3, #ARGV, 3 do
  if redis.call('SET', lane .. 'seen:' .. ARGV[i], '', 'NX', 'EX', ARGV[2]) then
    redis.call('XADD', inbox, '*', 'ref', ARGV[i + 1], 'sealed', ARGV[i + 2])
    new[#new + 1] = 1
  else
    new[#new + 1] = 0
  end
end
return new
