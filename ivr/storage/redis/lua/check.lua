--[[ check: does this server offer what our scripts need?
KEYS[1]  prefix of our keys
Returns  1. Writes nothing.
Called by connection.problems ]]
return cmsgpack.unpack(cmsgpack.pack(cjson.decode('[1]')))[1]
