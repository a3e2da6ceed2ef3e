/**
 * The scripts of a Redis store. A script runs atomically on its server and uses keys of one slot, except `scan`, which reads a whole server.
 * Single commands are scripts too: a cluster client may send a command that only reads to a replica, and a replica may not know yet that a record
 * was consumed.
 *
 * A record has four lines: the time of expiry, the time of consumption, the seal, and the other members as JSON.
 */
import { hash } from 'node:crypto';

export interface Script {
  readonly text: string;
  /** The SHA-1 by which EVALSHA finds it. */
  readonly sha: string;
}

function script(text: string): Script {
  return { text, sha: hash('sha1', text, 'hex') };
}

/**
 * `join` adds a member to a sorted set, with its end of life as the score. The set lives as long as the member that lives longest. Scores use the
 * server's clock, by which keys expire too, so that only members whose keys have expired are trimmed.
 */
const JOIN = `
local function join(set, member, ttl)
  local time = redis.call('TIME')
  local ms = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('ZREMRANGEBYSCORE', set, '-inf', ms - 1000)
  redis.call('ZADD', set, ms + ttl, member)
  if redis.call('PTTL', set) < ttl + 1000 then redis.call('PEXPIRE', set, ttl + 1000) end
end
`;

/**
 * `read` gives the lines of a record and its authorization, unless the authorization was revoked. The check is needed because `clear` misses a
 * record if the set that lists it was evicted. `live` gives the same, unless the record has expired.
 */
const READ = `
local function read(key)
  local value = redis.call('GET', key)
  local expires, consumed, seal, text = string.match(value or '', '^([^\\n]*)\\n([^\\n]*)\\n([^\\n]*)\\n(.*)$')
  if not tonumber(expires) then return nil end
  local slot = string.match(key, '^(.-}:)')
  local authorization = string.match(text, '^%[".-","([^"]*)"') or ''
  if redis.call('EXISTS', slot .. 'revoked:' .. authorization) == 1 then return nil end
  return { value = value, expires = expires, consumed = consumed, text = text, slot = slot, authorization = authorization }
end
local function live(key, now)
  local record = read(key)
  if record and tonumber(record.expires) > tonumber(now) then return record end
  return nil
end
`;

/** `clock` gives the time: the given one, or the server's. `late` tells whether a deadline has passed. */
const CLOCK = `
local function clock(given)
  if given ~= '' then return given end
  local time = redis.call('TIME')
  return string.format('%d.%06d', time[1], time[2])
end
local function late(deadline, time)
  return deadline ~= '' and tonumber(time) >= tonumber(deadline)
end
`;

/**
 * `add` stores records. Each has three arguments ("threes"): rest of the ID, text, milliseconds to live. A record is not stored if its
 * authorization was revoked, or if its key exists, which means that it is live by the server's clock.
 */
const ADD = `${JOIN}
local function add(set, mark, key, from)
  if redis.call('EXISTS', mark) == 1 then return 0 end
  local all = 1
  for i = from, #ARGV, 3 do
    local ttl = tonumber(ARGV[i + 2])
    if ttl > 0 then
      if redis.call('SET', KEYS[key], ARGV[i + 1], 'PX', ARGV[i + 2], 'NX') then join(set, ARGV[i], ttl) else all = 0 end
    end
    key = key + 1
  end
  return all
end
`;

/**
 * KEYS: set of the authorization's records, its revocation, one per record. ARGV: clock, deadline, threes. Returns 1 (all stored), 0 or -1 (too
 * late), and the time.
 */
export const put = script(`${CLOCK}${ADD}
  local time = clock(ARGV[1])
  if late(ARGV[2], time) then return { -1, time } end
  return { add(KEYS[1], KEYS[2], 3, 3), time }`);

/** KEYS: a record. */
export const get = script(`${READ}
  local record = read(KEYS[1])
  return record and record.value`);

/**
 * KEYS: set of the authorization's records, its revocation, the record, one per successor. ARGV: now, clock, deadline, seal, time until which and
 * milliseconds for which the record is kept (both may be empty), threes. Returns 1 (first), 0 or -1 (too late), the time, and the record.
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
  join(record.slot .. 'authorization:' .. record.authorization, string.match(KEYS[3], ':token:(.*)$'), ttl)
  add(KEYS[1], KEYS[2], 4, 7)
  return { 1, time, value }`);

/** KEYS: a record. */
export const remove = script(`redis.call('DEL', KEYS[1])`);

/** KEYS: the revocation of an authorization. ARGV: milliseconds to keep it. */
export const mark = script(
  `if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], '', 'PX', ARGV[1]) end`,
);

/** KEYS: set of an authorization's records. ARGV: prefix of the keys of its records, how many to delete at most. Returns how many it found. */
export const clear = script(`
  local rests = redis.call('ZRANGE', KEYS[1], 0, ARGV[2] - 1)
  for _, rest in ipairs(rests) do redis.call('DEL', ARGV[1] .. rest) end
  if #rests > 0 then redis.call('ZREM', KEYS[1], unpack(rests)) end
  return #rests`);

/** KEYS: set of a subject's records. ARGV: pairs of an ID and milliseconds to live. */
export const note = script(`${JOIN}
  for i = 1, #ARGV, 2 do
    if tonumber(ARGV[i + 1]) > 0 then join(KEYS[1], ARGV[i], tonumber(ARGV[i + 1])) end
  end`);

/** KEYS: set of a subject's records. ARGV: an ID. */
export const forget = script(`redis.call('ZREM', KEYS[1], ARGV[1])`);

/** KEYS: set of a subject's records. ARGV: the first and the last index. */
export const noted = script(`return redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[2])`);

/** `owned` tells whether a record has a subject: the fourth item of the JSON list in its text, after the client ID. */
const OWNED = `
local function owned(text)
  local i = string.match(text, '^%[".-","[^"]*","()')
  while i do
    local j = string.find(text, '["\\\\]', i)
    if not j then return false end
    if string.sub(text, j, j) == '"' then return string.sub(text, j + 1, j + 5) ~= ',null' end
    i = j + 2
  end
  return false
end
`;

/**
 * KEYS: records of one tag, consumed or not. ARGV: now. For each of their authorizations it returns the rest of the ID and the text of one record:
 * of those that have a subject and were not consumed, the one that lives longest.
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
          local other = live(record.slot .. 'token:' .. rest, ARGV[1])
          if other and other.consumed == '' and other.authorization == record.authorization and owned(other.text) then best = { rest, other.value } end
          if best then break end
        end
        from = from + 50
      until best or #rests < 50
      if best then found[#found + 1] = best[1]; found[#found + 1] = best[2] end
    end
  end
  return found`);

/** ARGV: a cursor, a pattern of keys, now. Returns the next cursor, and pairs of a key and a live record. */
export const scan = script(`${READ}
  local page = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', 500)
  local found = { page[1] }
  for _, key in ipairs(page[2]) do
    local record = live(key, ARGV[3])
    if record then found[#found + 1] = key; found[#found + 1] = record.value end
  end
  return found`);

/** Returns the policy for a full memory. */
export const eviction = script(`return string.match(redis.call('INFO', 'memory'), 'maxmemory_policy:(%S+)') or ''`);
