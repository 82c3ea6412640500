-- Marks pages of one document: those whose state is new become bits, counts and one event.
-- KEYS: meta, counts, events, done, blank, failed.   ARGV: document, seconds to keep, events to keep, pages as "17d".
local meta, counts, events = KEYS[1], KEYS[2], KEYS[3]
local bitmaps = { d = KEYS[4], b = KEYS[5], f = KEYS[6] }
local document, keep, kept_events = ARGV[1], ARGV[2], ARGV[3]

local new = {}
for i = 4, #ARGV do
  local page, state = ARGV[i]:match('^(%d+)(%a)$')
  local index = page - 1
  local settled = redis.call('GETBIT', bitmaps.d, index) + redis.call('GETBIT', bitmaps.b, index)
  local failed = redis.call('GETBIT', bitmaps.f, index)
  if settled == 0 and (failed == 0 or state ~= 'f') then
    redis.call('SETBIT', bitmaps.f, index, 0)
    redis.call('SETBIT', bitmaps[state], index, 1)
    new[#new + 1] = ARGV[i]
  end
end

if #new > 0 then
  for state, bitmap in pairs(bitmaps) do
    -- Counted, not added up: a bitmap that was evicted alone does not leave a wrong sum behind.
    redis.call('HSET', counts, document .. ':' .. state, redis.call('BITCOUNT', bitmap))
  end
  if redis.call('EXISTS', meta) == 0 then
    -- Microseconds are above the number of any event before: a reader of an emptied store notices.
    local time = redis.call('TIME')
    local base = string.format('%.0f', time[1] * 1000000 + time[2])
    redis.call('DEL', events)
    redis.call('HSET', meta, 'base', base, 'last', base)
  end
  local number = string.format('%.0f', redis.call('HINCRBY', meta, 'last', 1))
  redis.call('XADD', events, 'MAXLEN', '~', kept_events, number .. '-0', document, table.concat(new, ','))
end

for _, key in ipairs(KEYS) do
  redis.call('EXPIRE', key, keep)
end
return #new
