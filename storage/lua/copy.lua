-- These keys as they are at one moment, for a backup. KEYS: the lane's tag. ARGV: the keys' names without it.
-- Answer: (name, when it lapses (ms since 1970; -1: never), DUMP) for each that is there.
local out = {}
for _, name in ipairs(ARGV) do
  local held = redis.call('DUMP', KEYS[1] .. name)
  if held then out[#out + 1] = {name, redis.call('PEXPIRETIME', KEYS[1] .. name), held} end
end
return out
