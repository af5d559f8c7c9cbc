--[[ orders_again: puts orders whose second try is due back into the stream.
KEYS[1]  prefix of our keys
ARGV     [1] now (ms)
Returns  how many. Called by RedisOutbox.take ]]
must_be('zset', P .. 'later')
must_be('stream', P .. 'orders')
local due = redis.call('ZRANGE', P .. 'later', '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, 100)
for _, packed in ipairs(due) do
  local order = cjson.decode(packed)
  redis.call('ZREM', P .. 'later', packed)
  redis.call('XADD', P .. 'orders', '*', 'id', order.id, 'n', order.n, 'body', order.body)
end
return #due
