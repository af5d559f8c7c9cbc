--[[ match_directed: this call to this agent, whatever the terms, if both are free for it.
KEYS[1]  prefix of our keys
ARGV     [1]–[5] as `claim`, [6] call, [7] agent
Returns  what `claim` returns, distance -1; {'gone'}  the call does not wait; {'busy', presence}  the agent is not free
Writes nothing unless it claims. Called by RedisMatcher.directed ]]
local call, agent = ARGV[6], ARGV[7]
local s = redis.call('HMGET', P .. 's:' .. call, 'd', 'tp', 'rk')
if not s[1] then return {'gone'} end
local presence = redis.call('HGET', P .. 'a:' .. agent, 'p')
if presence ~= 'available' then return {'busy', presence or ''} end
return take(call, s[1], s[2], s[3], agent, -1)
