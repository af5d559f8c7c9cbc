--[[ commit: many writes in one, if nothing they were decided on has changed.
KEYS[1]  prefix of our keys; all keys named in ARGV share its slot
ARGV     [1] hash that remembers its last write, [2] token of this write (field `tok`)
         [3] number of checks, then per check: hash, field, text it must hold ('' absent, '*' anything)
         then per write: number of words, words. A write is a Redis command, or
         HEAD list cache field   refresh the cached head of a sorted set
         PACK hash field json    store JSON as msgpack
Returns  {'ok'}  written, now or by an earlier sending of the same token
         {'conflict', hash, field}  a check failed
Writes nothing unless every check holds and every key is of its type. Called by Write.send ]]
local KINDS = {HSET = 'hash', HDEL = 'hash', HINCRBY = 'hash', PACK = 'hash', HEAD = 'zset', ZADD = 'zset', ZREM = 'zset',
  SADD = 'set', SREM = 'set', XADD = 'stream', XACK = 'stream', XDEL = 'stream'}
if redis.call('HGET', ARGV[1], 'tok') == ARGV[2] then return {'ok'} end
local at = 4
for _ = 1, tonumber(ARGV[3]) do
  local have, want = redis.call('HGET', ARGV[at], ARGV[at + 1]) or '', ARGV[at + 2]
  if have ~= want and not (want == '*' and have ~= '') then return {'conflict', ARGV[at], ARGV[at + 1]} end
  at = at + 3
end
local first, seen = at, {}
while ARGV[at] do
  local word, key = ARGV[at + 1], ARGV[at + 2]
  if KINDS[word] and seen[key] ~= KINDS[word] then must_be(KINDS[word], key) end
  seen[key] = KINDS[word]
  if word == 'HEAD' then must_be('hash', ARGV[at + 3]) end
  at = at + tonumber(ARGV[at]) + 1
end
at = first
while ARGV[at] do
  local last = at + tonumber(ARGV[at])
  local word = ARGV[at + 1]
  if word == 'HEAD' then
    head(ARGV[at + 2], ARGV[at + 3], ARGV[at + 4])
  elseif word == 'PACK' then
    redis.call('HSET', ARGV[at + 2], ARGV[at + 3], cmsgpack.pack(cjson.decode(ARGV[at + 4])))
  else
    redis.call(unpack(ARGV, at + 1, last))
  end
  at = last + 1
end
return {'ok'}
