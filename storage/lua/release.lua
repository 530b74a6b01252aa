-- Give a lane's leases back, if they are still ours. ARGV: owner, then the rooms.
for i = 2, #ARGV do
  local lease = KEYS[1] .. 'lease:' .. ARGV[i]
  if redis.call('GET', lease) == ARGV[1] then redis.call('DEL', lease) end
end
return 1
