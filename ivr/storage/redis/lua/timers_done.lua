--[[ timers_done: a taken wake-up was carried out; one that was set anew meanwhile stays.
KEYS[1]  prefix of our keys
ARGV     [1] member, [2] when it was due (ms)
Returns  1 removed, 0 set anew or gone. Writes nothing unless it is the one taken. Called by RedisTimers.done ]]
must_be('zset', P .. 'wake')
must_be('hash', P .. 'wref')
must_be('hash', P .. 'wlease')
if redis.call('HGET', P .. 'wlease', ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('ZREM', P .. 'wake', ARGV[1])
redis.call('HDEL', P .. 'wlease', ARGV[1])
redis.call('HDEL', P .. 'wref', ARGV[1])
return 1
