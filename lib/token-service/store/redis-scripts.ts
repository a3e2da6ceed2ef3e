/**
 * The scripts of a Redis store. A script runs atomically on its server and uses keys of one slot. Exceptions: `scan` reads a whole server; outside a
 * cluster, `put` and `consume` also change the set of a subject's records, and `longest` reads records of several tags. All keys by which a server
 * can see that these are in several slots are among KEYS.
 * Single commands are scripts too: a cluster client may send a command that only reads to a replica, and a replica may not know yet that a record
 * was consumed.
 */
import { ADD, CLIENT, CLOCK, JOIN, OWNED, READ, script } from './redis-lua.js';

/**
 * KEYS: set of the authorization's records, its revocation, one per record, and if there is a tag the set of the subject's records. ARGV: clock,
 * deadline, tag or '', fours. Returns 1 (all stored), 0 or -1 (too late), and the time.
 */
export const put = script(`${CLOCK}${ADD}
  local time = clock(ARGV[1])
  if late(ARGV[2], time) then return { -1, time } end
  return { add(KEYS[1], KEYS[2], 3, 4, ARGV[3]), time }`);

/** KEYS: a record. */
export const get = script(`${READ}
  local record = read(KEYS[1])
  return record and record.value`);

/**
 * KEYS: set of the authorization's records, its revocation, the record, one per successor, and if there is a tag the set of the subject's records.
 * ARGV: now, clock, deadline, seal, time until which and milliseconds for which the record is kept (both may be empty), tag or '', fours. Returns 1
 * (first), 0 or -1 (too late), the time, and the record.
 */
export const consume = script(`${READ}${CLOCK}${ADD}
  local time = clock(ARGV[2])
  if late(ARGV[3], time) then return { -1, time } end
  local record = live(KEYS[3], ARGV[1])
  if not record then return nil end
  if record.consumed ~= '' then return { 0, time, record.value } end
  local expires, ttl = record.expires, redis.call('PTTL', KEYS[3])
  if ARGV[5] ~= '' and tonumber(ARGV[5]) < tonumber(expires) then
    expires, ttl = ARGV[5], math.max(tonumber(ARGV[6]), 1)
  end
  local value = expires .. '\\n' .. time .. '\\n' .. ARGV[4] .. '\\n' .. record.text
  if ttl > 0 then redis.call('SET', KEYS[3], value, 'PX', ttl) else redis.call('SET', KEYS[3], value, 'KEEPTTL') end
  local rest = string.match(KEYS[3], ':token:(.*)$')
  join(record.slot .. 'authorization:' .. record.authorization, rest, ttl)
  add(KEYS[1], KEYS[2], 4, 8, ARGV[7])
  if ARGV[7] ~= '' then redis.call('ZREM', KEYS[#KEYS], ARGV[7] .. '.' .. rest) end
  return { 1, time, value }`);

/** KEYS: a record. */
export const remove = script(`redis.call('DEL', KEYS[1])`);

/**
 * KEYS: set of an authorization's records, its revocation. ARGV: milliseconds to keep the revocation, prefix of the keys of its records, how many to
 * delete at most. Returns how many it found.
 */
export const revoke = script(`
  if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[2], '', 'PX', ARGV[1]) end
  local rests = redis.call('ZRANGE', KEYS[1], 0, ARGV[3] - 1)
  for _, rest in ipairs(rests) do redis.call('DEL', ARGV[2] .. rest) end
  if #rests > 0 then redis.call('ZREM', KEYS[1], unpack(rests)) end
  return #rests`);

/** KEYS: set of a subject's records. ARGV: pairs of an ID and milliseconds to live. */
export const note = script(`${JOIN}
  for i = 1, #ARGV, 2 do
    if tonumber(ARGV[i + 1]) > 0 then join(KEYS[1], ARGV[i], tonumber(ARGV[i + 1])) end
  end`);

/** KEYS: set of a subject's records. ARGV: an ID. */
export const forget = script(`redis.call('ZREM', KEYS[1], ARGV[1])`);

/**
 * KEYS: set of the records of a subject or of an authorization. ARGV: the score up to which the set was read before, at first '-inf'; how many to read.
 * Returns the score up to which it is read now, at the end '+inf'; and the IDs, including all with the last score. A slice begins at a score and not at a rank: when members are removed, the ranks
 * of later ones move, so that the next slice would skip some, and a revocation of all authorizations of a user would miss these.
 *
 * A refresh between two slices replaces a member. Its successor usually lives longer, and is in a later slice. A successor that expires with its authorization,
 * like the member, may have a score that is lower by a second, because callers round to whole seconds. So each slice begins two seconds early.
 */
export const noted = script(`
  local last = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', ARGV[2] - 1, 1)
  local to = last[2] or '+inf'
  return { to, redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1] - 2000, to) }`);

/**
 * KEYS: records, consumed or not. ARGV: now. For each of their authorizations it returns the key and the text of one record: the one that lives longest,
 * among those that have a subject and were not consumed.
 */
export const longest = script(`${READ}${OWNED}
  local found, seen = {}, {}
  for _, key in ipairs(KEYS) do
    local record = read(key)
    if record and not seen[record.authorization] then
      seen[record.authorization] = true
      local set, from, best = record.slot .. 'authorization:' .. record.authorization, 0, nil
      repeat
        local rests = redis.call('ZREVRANGE', set, from, from + 49)
        for _, rest in ipairs(rests) do
          local its = record.slot .. 'token:' .. rest
          local other = live(its, ARGV[1])
          if other and other.consumed == '' and other.authorization == record.authorization and owned(other.text) then best = { its, other.value } end
          if best then break end
        end
        from = from + 50
      until best or #rests < 50
      if best then found[#found + 1] = best[1]; found[#found + 1] = best[2] end
    end
  end
  return found`);

/** KEYS: records. ARGV: now. Returns pairs of a key and a live record. */
export const several = script(`${READ}
  local found = {}
  for _, key in ipairs(KEYS) do
    local record = live(key, ARGV[1])
    if record then found[#found + 1] = key; found[#found + 1] = record.value end
  end
  return found`);

/** ARGV: a cursor, a pattern of keys, now, a client ID as JSON. Returns the next cursor, and pairs of a key and a live record of that client. */
export const scan = script(`${READ}${CLIENT}
  local page = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', 500)
  local found = { page[1] }
  for _, key in ipairs(page[2]) do
    local record = live(key, ARGV[3])
    if record and ofClient(record.text, ARGV[4]) then found[#found + 1] = key; found[#found + 1] = record.value end
  end
  return found`);

/** Returns the policy for a full memory. */
export const eviction = script(`return string.match(redis.call('INFO', 'memory'), 'maxmemory_policy:(%S+)') or ''`);
