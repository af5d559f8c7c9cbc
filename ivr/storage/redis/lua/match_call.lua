--[[ match_call: the best free agent for one waiting call: nearest to what was wanted, then longest idle.
KEYS[1]  prefix of our keys
ARGV     [1]–[5] as `claim`, [6] call
Returns  what `claim` returns; {'gone'}  not waiting, or claimed already; {'nobody', demand, rank}
Writes nothing unless it claims. Cost: one read of the heads of the signatures that serve the call.
Called by RedisMatcher.for_call ]]
local call = ARGV[6]
local s = redis.call('HMGET', P .. 's:' .. call, 'd', 'tp', 'rk')
if not s[1] then return {'gone'} end
local served = redis.call('HGET', P .. 'td', s[1])
if not served then return {'nobody', s[1], s[3]} end
local names, bounds, distances = unpack(cmsgpack.unpack(served))
local heads, rank = cached(P .. 'ih', names), tonumber(s[3])
local agent, idle, distance
for i = 1, #names do
  local d = distances[i]
  if heads[i] and rank + bounds[i] <= now and (not distance or d <= distance) then
    local since, id = parse(heads[i])
    if not distance or d < distance or since < idle or (since == idle and id < agent) then
      agent, idle, distance = id, since, d
    end
  end
end
if not agent then return {'nobody', s[1], s[3]} end
return take(call, s[1], s[2], s[3], agent, distance)
