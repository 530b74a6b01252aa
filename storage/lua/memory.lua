-- How much memory the lane's server uses, and how much it may: bytes, 0 for no bound; both 0 where it does not say.
local said = redis.pcall('INFO', 'memory')
if type(said) ~= 'string' then return {0, 0} end
return {tonumber(string.match(said, 'used_memory:(%d+)')) or 0, tonumber(string.match(said, 'maxmemory:(%d+)')) or 0}
