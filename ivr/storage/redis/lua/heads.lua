--[[ heads: what scripts share: the prefix, the check of a key's type, the cached head of an ordered list.
KEYS[1]  prefix of our keys
must_be()  raises before anything is written when a key holds something else: a script that fails half-way would leave
           its first writes behind ]]
local P = KEYS[1]

local function must_be(kind, key)
  local found = redis.call('TYPE', key).ok
  if found ~= kind and found ~= 'none' then error('WRONGTYPE ' .. key .. ' is a ' .. found .. ', not a ' .. kind) end
end

local function head(list, cache, field)
  local first = redis.call('ZRANGE', list, 0, 0, 'WITHSCORES')
  if first[1] then
    redis.call('HSET', cache, field, first[2] .. ' ' .. first[1])
  else
    redis.call('HDEL', cache, field)
  end
end
