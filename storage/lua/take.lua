#!lua flags=allow-oom
-- Look at the entries of a queue from a place on, and count that each was taken, in one trip: should we die over one,
-- the next owner knows that it was tried before.
-- ARGV: queue, first place, how many, `session` to have each chat's session with it, how often an entry may have been
-- taken before it is a suspect (0: nothing is), `alone` to take a suspect.
-- A suspect is only taken alone, so that a message that kills its reader cannot take its neighbours along.
-- Answer: (entries, suspect 0/1); an entry is (id, chat ref, sealed, times taken, session or nil).
local lane, queue, from, count, want, wary, alone = KEYS[1], unpack(ARGV)
local tries, suspicious = lane .. 'tries:' .. queue, tonumber(wary)
local taken, loaded, suspect = {}, {}, 0

for _, entry in ipairs(redis.call('XRANGE', lane .. queue, from, '+', 'COUNT', count)) do
  local id, ref = entry[1], entry[2][2]
  if suspicious > 0 and alone ~= 'alone' and tonumber(redis.call('HGET', tries, id) or 0) >= suspicious then
    suspect = 1
    break
  end
  local session = false
  if want == 'session' and not loaded[ref] then
    session = redis.call('GET', lane .. 'chat:' .. ref)
    loaded[ref] = true -- a chat's later entries follow from its first
  end
  taken[#taken + 1] = {id, ref, entry[2][4], redis.call('HINCRBY', tries, id, 1), session}
end
return {taken, suspect}
