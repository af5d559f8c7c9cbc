--[[ timers_due: takes the wake-ups that are due. A taken one comes again unless it is done.
KEYS[1]  prefix of our keys
ARGV     [1] now (ms), [2] lease (ms), [3] at most so many
Returns  member, due (ms), ref for each, flat. The original due time is kept while the wake-up is leased.
Safe to repeat: the second taking is another lease. Called by RedisTimers.due ]]
must_be('zset', P .. 'wake')
must_be('hash', P .. 'wref')
must_be('hash', P .. 'wlease')
local taken = {}
for _, member in ipairs(redis.call('ZRANGE', P .. 'wake', '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[3])) do
  local at = redis.call('HGET', P .. 'wlease', member) or redis.call('ZSCORE', P .. 'wake', member)
  redis.call('HSET', P .. 'wlease', member, at)
  redis.call('ZADD', P .. 'wake', string.format('%.0f', tonumber(ARGV[1]) + tonumber(ARGV[2])), member)
  taken[#taken + 1] = member
  taken[#taken + 1] = at
  taken[#taken + 1] = redis.call('HGET', P .. 'wref', member) or ''
end
return taken
