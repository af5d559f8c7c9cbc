--[[ heads: what scripts share: the prefix, the check of a key's type, the cached head of an ordered list.
KEYS[1]  prefix of our keys
must_be()  raises before anything is written when a key holds something else: a script that fails half-way would leave
           its first writes behind
keep()   notes who heads a list, or that nobody does. The text is filled up beyond the 64 bytes that Redis packs into a
         list: a packed hash is searched field by field, so that 12 heads of 60 cost 16 µs in it and 2 µs in a table ]]
local P = KEYS[1]

local function must_be(kind, key)
  local found = redis.call('TYPE', key).ok
  if found ~= kind and found ~= 'none' then error('WRONGTYPE ' .. key .. ' is a ' .. found .. ', not a ' .. kind) end
end

local function keep(cache, field, who, score)
  if who then
    redis.call('HSET', cache, field, string.format('%-65s', score .. ' ' .. who))
  else
    redis.call('HDEL', cache, field)
  end
end

local function head(list, cache, field)
  local first = redis.call('ZRANGE', list, 0, 0, 'WITHSCORES')
  keep(cache, field, first[1], first[2])
end
