/**
 * The scripts of a Redis store. Each runs alone on its server and touches keys of one slot only. They are scripts even where a
 * command would do: a cluster's client may ask a replica what a command reads, and a replica may not yet know what was consumed.
 *
 * A record is four lines: when it expires, when it was consumed, the seal, and the rest of it in JSON.
 */
import { hash } from 'node:crypto';

export interface Script {
  readonly text: string;
  /** By which the server knows it. */
  readonly sha: string;
}

function script(text: string): Script {
  return { text, sha: hash('sha1', text, 'hex') };
}

/**
 * `join` notes members with what they live for in a sorted set, which lives as long as the longest of them. Scores are the
 * server's own time, as keys end by it too, so that what is trimmed has really gone.
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
 * `live` gives a record's lines; `add` stores what comes in threes: rest of the ID, text, milliseconds to live. A record is stored
 * once: neither a consumed one nor one that was revoked can be put back.
 */
const RECORDS = `${JOIN}
local function live(key, now)
  local value = redis.call('GET', key)
  local expires, consumed, seal, text = string.match(value or '', '^([^\\n]*)\\n([^\\n]*)\\n([^\\n]*)\\n(.*)$')
  if not tonumber(expires) or tonumber(expires) <= tonumber(now) then return nil end
  return { value, expires, consumed, text }
end
local function add(set, mark, key, from, now)
  if redis.call('EXISTS', mark) == 1 then return end
  for i = from, #ARGV, 3 do
    local ttl = tonumber(ARGV[i + 2])
    if ttl > 0 and not live(KEYS[key], now) then
      redis.call('SET', KEYS[key], ARGV[i + 1], 'PX', ARGV[i + 2])
      join(set, ARGV[i], ttl)
    end
    key = key + 1
  end
end
`;

/** KEYS: records of the authorization, its revocation, one per record. ARGV: now, threes. */
export const put = script(`${RECORDS} add(KEYS[1], KEYS[2], 3, 2, ARGV[1])`);

/** KEYS: a record. */
export const get = script(`return redis.call('GET', KEYS[1])`);

/** KEYS: records of the authorization, its revocation, the record, one per successor. ARGV: now, seal, threes. */
export const consume = script(`${RECORDS}
  local record = live(KEYS[3], ARGV[1])
  if not record then return nil end
  if record[3] ~= '' then return { 0, record[1] } end
  local value = record[2] .. '\\n' .. ARGV[1] .. '\\n' .. ARGV[2] .. '\\n' .. record[4]
  redis.call('SET', KEYS[3], value, 'KEEPTTL')
  add(KEYS[1], KEYS[2], 4, 3, ARGV[1])
  return { 1, value }`);

/** KEYS: a record. */
export const remove = script(`redis.call('DEL', KEYS[1])`);

/** KEYS: records of the authorization, its revocation. ARGV: milliseconds to remember it, what keys of its records begin with. */
export const revoke = script(`
  for _, rest in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do redis.call('DEL', ARGV[2] .. rest) end
  redis.call('DEL', KEYS[1])
  if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[2], '', 'PX', ARGV[1]) end`);

/** KEYS: records of a subject. ARGV: pairs of an ID and milliseconds to live. */
export const note = script(`${JOIN}
  for i = 1, #ARGV, 2 do
    if tonumber(ARGV[i + 1]) > 0 then join(KEYS[1], ARGV[i], tonumber(ARGV[i + 1])) end
  end`);

/** KEYS: records of a subject. ARGV: an ID. */
export const forget = script(`redis.call('ZREM', KEYS[1], ARGV[1])`);

/** KEYS: records of a subject. */
export const noted = script(`return redis.call('ZRANGE', KEYS[1], 0, -1)`);
