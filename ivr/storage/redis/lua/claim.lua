--[[ claim: gives one waiting call to one free agent. Text put before the match scripts, which say whom.
KEYS[1]  prefix of our keys
ARGV     [1] token (makes the fact's id unique), [2] now (ms), [3] now (µs), [4] now (ISO 8601)
         [5] how long the claim may wait to be taken up before the wake-up of the call comes (ms)
take()   the caller has read the call and the agent (`call_seen`: topic, rank, version; `agent_seen`: signature, version,
         phone, idle since), knows that the call is in the index and the agent free, and has read both caches of
         heads or checked their type. Reads first, then writes:
         fact · offer · call: out of its lists, claim noted, version up · agent: reserved, version up · wake-up
Returns  {'claimed', call, offer, agent, phone, demand, rank, distance, idle since (µs)} ]]
local token, now, now_us, iso, hold = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])

local function cached(cache, names)
  if #names == 0 then return {} end
  if #names <= 4000 then return redis.call('HMGET', cache, unpack(names)) end
  local all = {}
  for from = 1, #names, 4000 do
    local some = redis.call('HMGET', cache, unpack(names, from, math.min(from + 3999, #names)))
    for i = 1, #some do all[from + i - 1] = some[i] end
  end
  return all
end

local find, sub, number = string.find, string.sub, tonumber

local function score(text) return number(sub(text, 1, find(text, ' ', 1, true) - 1)) end

local function id(text)
  local from = find(text, ' ', 1, true) + 1
  return sub(text, from, (find(text, ' ', from, true) or #text + 1) - 1)
end

local function next_offer()
  local last = tonumber(redis.call('HGET', P .. 'meta', 'offer') or '0')
  return string.format('%016.0f', math.max(last + 1, now_us))
end

-- Who heads a list once `gone` is out of it; nil, false: no change.
local function heir(list, gone)
  local two = redis.call('ZRANGE', list, 0, 1, 'WITHSCORES')
  return two[3], two[4], two[1] == gone
end

local function take(call, demand, call_seen, agent, agent_seen, distance)
  local topic, rank, call_version = call_seen[1], call_seen[2], string.format('%.0f', call_seen[3] + 1)
  local sig, version, phone, idle = agent_seen[1], string.format('%.0f', agent_seen[2] + 1), agent_seen[3], agent_seen[4]
  local s, a, alarm = P .. 's:' .. call, P .. 'a:' .. agent, 'c:' .. call .. ':offer'
  local calls, agents, counts = P .. 'q:' .. demand, P .. 'i:' .. sig, P .. 'counts'
  local next_call, next_rank, call_led = heir(calls, call)
  local next_agent, next_idle, agent_led = heir(agents, agent)
  local free, reserved = sig .. '|available', sig .. '|reserved'
  local have = redis.call('HMGET', counts, free, reserved)
  local leased = redis.call('HEXISTS', P .. 'wlease', alarm) == 1
  must_be('hash', P .. 'wref')
  for _, name in ipairs({'t:' .. topic, 'o:' .. topic, 'wake'}) do must_be('zset', P .. name) end
  local offer = next_offer()
  local fact = {_ = 'presence_changed', at = iso, agent = agent, presence = 'reserved', call = call, offer = offer}
  redis.call('XADD', P .. 'facts', '*', 'id', 'agent-' .. agent .. ':' .. version .. '-' .. token .. ':0',
    'hotline', '', 'body', cjson.encode(fact)) -- the first write: its key needs no check
  redis.call('HSET', P .. 'meta', 'offer', offer)
  redis.call('ZREM', calls, call)
  redis.call('ZREM', P .. 't:' .. topic, call)
  redis.call('ZREM', P .. 'o:' .. topic, call)
  if call_led then keep(P .. 'lh', demand, next_call, next_rank) end
  redis.call('HDEL', s, 'd')
  redis.call('HSET', s, 'cl', offer, 'ca', agent, 'ct', ARGV[2], 'v', call_version)
  redis.call('ZREM', agents, agent)
  if agent_led then keep(P .. 'ih', sig, next_agent, next_idle) end
  redis.call('HSET', a, 'p', 'reserved', 'eo', offer, 'ec', call, 'et', topic, 'ea', iso, 'v', version)
  redis.call('HSET', counts, free, (have[1] or 0) - 1, reserved, (have[2] or 0) + 1)
  redis.call('HSET', P .. 'of:' .. offer, 'call', call, 'agent', agent, 'at', ARGV[3], 'live', '1') -- a new key
  redis.call('EXPIRE', P .. 'of:' .. offer, 86400)
  redis.call('ZADD', P .. 'wake', string.format('%.0f', now + hold), alarm)
  redis.call('HSET', P .. 'wref', alarm, offer)
  if leased then redis.call('HDEL', P .. 'wlease', alarm) end
  redis.call('PUBLISH', P .. 'feed', 'board agent:' .. agent)
  return {'claimed', call, offer, agent, phone, demand, rank, tostring(distance), idle}
end
