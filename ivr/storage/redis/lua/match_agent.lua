--[[ match_agent: the most urgent waiting call that one free agent can serve.
KEYS[1]  prefix of our keys
ARGV     [1]–[5] as `claim`, [6] agent
Returns  what `claim` returns; {'busy', presence}  the agent is not free; {'nobody'}
Writes nothing unless it claims. Cost: one read of the heads of the demands that the agent serves.
Called by RedisMatcher.for_agent ]]
local agent = ARGV[6]
local a = redis.call('HMGET', P .. 'a:' .. agent, 'p', 'sig')
if a[1] ~= 'available' then return {'busy', a[1] or ''} end
local serves = redis.call('HGET', P .. 'ts', a[2])
if not serves then return {'nobody'} end
local names, bounds, distances = unpack(cmsgpack.unpack(serves))
local heads = cached(P .. 'lh', names)
local call, rank, demand, distance
for i = 1, #names do
  if heads[i] then
    local r, id = parse(heads[i])
    if r + bounds[i] <= now and (not rank or r < rank or (r == rank and id < call)) then
      call, rank, demand, distance = id, r, names[i], distances[i]
    end
  end
end
if not call then return {'nobody'} end
local s = redis.call('HMGET', P .. 's:' .. call, 'tp', 'rk')
return take(call, demand, s[1], s[2], agent, distance)
