--[[ claim: gives one waiting call to one free agent. Text put before the match scripts, which say whom.
KEYS[1]  prefix of our keys
ARGV     [1] token (makes the fact's id unique), [2] now (ms), [3] now (µs), [4] now (ISO 8601)
         [5] how long the claim may wait to be taken up before the wake-up of the call comes (ms)
take()   the caller has checked that the call is in the index and the agent free; reads first, then writes:
         call: out of its lists, claim noted, version up · agent: reserved, version up · offer · wake-up · fact
Returns  {'claimed', call, offer, agent, phone, demand, rank, distance, idle since (µs), seen} ]]
local token, now, now_us, iso, hold = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])

local function cached(cache, names)
  local all = {}
  for from = 1, #names, 4000 do
    local some = redis.call('HMGET', cache, unpack(names, from, math.min(from + 3999, #names)))
    for i = 1, #some do all[from + i - 1] = some[i] end
  end
  return all
end

local function parse(text)
  local gap = string.find(text, ' ', 1, true)
  return tonumber(string.sub(text, 1, gap - 1)), string.sub(text, gap + 1)
end

local function next_offer()
  local last = tonumber(redis.call('HGET', P .. 'meta', 'offer') or '0')
  return string.format('%016.0f', math.max(last + 1, now_us))
end

local function take(call, demand, topic, rank, agent, distance)
  local s, a, alarm = P .. 's:' .. call, P .. 'a:' .. agent, 'c:' .. call .. ':offer'
  local seen = redis.call('HMGET', a, 'sig', 'v', 'ph', 'id')
  local sig, version, phone, idle = seen[1], string.format('%.0f', seen[2] + 1), seen[3], seen[4]
  local call_version = string.format('%.0f', redis.call('HGET', s, 'v') + 1)
  local offer = next_offer()
  for _, name in ipairs({'lh', 'ih', 'counts', 'wref', 'wlease', 'of:' .. offer}) do must_be('hash', P .. name) end
  for _, name in ipairs({'t:' .. topic, 'o:' .. topic, 'i:' .. sig, 'wake'}) do must_be('zset', P .. name) end
  must_be('zset', P .. 'q:' .. demand)
  must_be('stream', P .. 'facts')
  redis.call('HSET', P .. 'meta', 'offer', offer)
  for _, list in ipairs({'q:' .. demand, 't:' .. topic, 'o:' .. topic}) do redis.call('ZREM', P .. list, call) end
  head(P .. 'q:' .. demand, P .. 'lh', demand)
  redis.call('HDEL', s, 'd')
  redis.call('HSET', s, 'cl', offer, 'ca', agent, 'ct', ARGV[2], 'v', call_version)
  redis.call('ZREM', P .. 'i:' .. sig, agent)
  head(P .. 'i:' .. sig, P .. 'ih', sig)
  redis.call('HSET', a, 'p', 'reserved', 'eo', offer, 'ec', call, 'et', topic, 'ea', iso, 'v', version)
  redis.call('HINCRBY', P .. 'counts', sig .. '|available', -1)
  redis.call('HINCRBY', P .. 'counts', sig .. '|reserved', 1)
  redis.call('HSET', P .. 'of:' .. offer, 'call', call, 'agent', agent, 'at', ARGV[3], 'live', '1')
  redis.call('EXPIRE', P .. 'of:' .. offer, 86400)
  redis.call('ZADD', P .. 'wake', string.format('%.0f', now + hold), alarm)
  redis.call('HSET', P .. 'wref', alarm, offer)
  redis.call('HDEL', P .. 'wlease', alarm)
  local fact = {_ = 'presence_changed', at = iso, agent = agent, presence = 'reserved', call = call, offer = offer}
  redis.call('XADD', P .. 'facts', '*', 'id', 'agent-' .. agent .. ':' .. version .. '-' .. token .. ':0',
    'hotline', '', 'body', cjson.encode(fact))
  redis.call('PUBLISH', P .. 'feed', 'board agent:' .. agent)
  return {'claimed', call, offer, agent, phone, demand, rank, tostring(distance), idle}
end
