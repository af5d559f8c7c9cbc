--[[ match_agent: the most urgent waiting call that one free agent can serve.
KEYS[1]  prefix of our keys
ARGV     [1]–[5] as `claim`, [6] agent
Returns  what `claim` returns; {'busy', presence}  the agent is not free; {'nobody'}
A call that is kept for this agent by name comes in its turn; one that a claim has taken meanwhile is passed over.
Writes nothing unless it claims. Cost: one read of the heads of the demands that the agent serves, one of the agent's list.
Called by RedisMatcher.for_agent ]]
local agent = ARGV[6]
local a = redis.call('HMGET', P .. 'a:' .. agent, 'sig', 'v', 'ph', 'id', 'p')
if a[5] ~= 'available' then return {'busy', a[5] or ''} end
local serves = redis.call('HGET', P .. 'ts', a[1])
local names, bounds, distances = {}, {}, {}
if serves then names, bounds, distances = unpack(cmsgpack.unpack(serves)) end
local heads = cached(P .. 'lh', names)
local rank, best
for i = 1, #names do
  if heads[i] then
    local r = score(heads[i])
    if r + bounds[i] <= now and (not rank or r < rank or (r == rank and id(heads[i]) < id(heads[best]))) then
      rank, best = r, i
    end
  end
end
local own = redis.call('ZRANGE', P .. 'own:' .. agent, 0, 3, 'WITHSCORES')
for i = 1, #own, 2 do
  local s = redis.call('HMGET', P .. 's:' .. own[i], 'tp', 'rk', 'v', 'd')
  if s[4] and (not rank or number(own[i + 1]) <= rank) then
    must_be('hash', P .. 'lh')
    must_be('hash', P .. 'ih')
    return take(own[i], s[4], s, agent, a, -1)
  end
end
if not best then return {'nobody'} end
local call = id(heads[best])
must_be('hash', P .. 'ih')
return take(call, names[best], redis.call('HMGET', P .. 's:' .. call, 'tp', 'rk', 'v'), agent, a, distances[best])
