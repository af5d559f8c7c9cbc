--[[ heads: keeps the cached head of an ordered list. Text put before `commit` and the match scripts.
KEYS[1]  prefix of our keys ]]
local P = KEYS[1]

local function head(list, cache, field)
  local first = redis.call('ZRANGE', list, 0, 0, 'WITHSCORES')
  if first[1] then
    redis.call('HSET', cache, field, first[2] .. ' ' .. first[1])
  else
    redis.call('HDEL', cache, field)
  end
end
