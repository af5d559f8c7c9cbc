--[[ match_directed: this call to this agent, whatever the terms, if both are free for it.
KEYS[1]  prefix of our keys
ARGV     [1]–[5] as `claim`, [6] call, [7] agent
Returns  what `claim` returns, distance -1; {'gone'}  the call does not wait; {'busy', presence}  the agent is not free
Writes nothing unless it claims. Called by RedisMatcher.directed ]]
local call, agent = ARGV[6], ARGV[7]
local s = redis.call('HMGET', P .. 's:' .. call, 'tp', 'rk', 'v', 'd')
if not s[4] then return {'gone'} end
local a = redis.call('HMGET', P .. 'a:' .. agent, 'sig', 'v', 'ph', 'id', 'p')
if a[5] ~= 'available' then return {'busy', a[5] or ''} end
must_be('hash', P .. 'lh')
must_be('hash', P .. 'ih')
return take(call, s[4], s, agent, a, -1)
