--[[ match_call: the best free agent for one waiting call: nearest to what was wanted, then longest idle.
KEYS[1]  prefix of our keys
ARGV     [1]–[5] as `claim`, [6] call
Returns  what `claim` returns; {'gone'}  not waiting, or claimed already; {'nobody', demand, rank}
Writes nothing unless it claims. Cost: one read of the heads of the signatures that serve the call.
Called by RedisMatcher.for_call ]]
local call = ARGV[6]
local s = redis.call('HMGET', P .. 's:' .. call, 'tp', 'rk', 'v', 'd')
local demand = s[4]
if not demand then return {'gone'} end
local served = redis.call('HGET', P .. 'td', demand)
if not served then return {'nobody', demand, s[2]} end
local names, bounds, distances = unpack(cmsgpack.unpack(served))
local heads, rank = cached(P .. 'ih', names), tonumber(s[2])
local idle, distance, best
for i = 1, #names do
  local d = distances[i]
  if heads[i] and rank + bounds[i] <= now and (not best or d <= distance) then
    local since = score(heads[i])
    if not best or d < distance or since < idle or (since == idle and id(heads[i]) < id(heads[best])) then
      idle, distance, best = since, d, i
    end
  end
end
if not best then return {'nobody', demand, s[2]} end
local agent = id(heads[best])
must_be('hash', P .. 'lh')
return take(call, demand, s, agent, redis.call('HMGET', P .. 'a:' .. agent, 'sig', 'v', 'ph', 'id'), distance)
