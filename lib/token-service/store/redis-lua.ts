/** The parts of the scripts of a Redis store. A record has four lines: the time of expiry, the time of consumption, the seal, and the other members as JSON. */
import { hash } from 'node:crypto';

export interface Script {
  readonly text: string;
  /** The SHA-1 by which EVALSHA finds it. */
  readonly sha: string;
}

export function script(text: string): Script {
  return { text, sha: hash('sha1', text, 'hex') };
}

/**
 * `join` adds a member to a sorted set, with its end of life as the score. The set lives as long as the member that lives longest. Scores use the
 * server's clock, by which keys expire too, so that only members whose keys have expired are trimmed. A script that adds several members trims each
 * set, and asks for its time to live, once. It trims 100 members at most, since the server runs nothing else meanwhile: a user who had a million
 * tokens may come back when all of them have expired.
 */
export const JOIN = `
local ms, lives = nil, {}
local function join(set, member, ttl)
  if not ms then
    local time = redis.call('TIME')
    ms = time[1] * 1000 + math.floor(time[2] / 1000)
  end
  if not lives[set] then
    local due = redis.call('ZRANGEBYSCORE', set, '-inf', ms - 1000, 'LIMIT', 0, 100)
    if #due > 0 then redis.call('ZREM', set, unpack(due)) end
    lives[set] = redis.call('PTTL', set)
  end
  redis.call('ZADD', set, ms + ttl, member)
  if lives[set] < ttl + 1000 then
    redis.call('PEXPIRE', set, ttl + 1000)
    lives[set] = ttl + 1000
  end
end
`;

/**
 * `read` gives the lines of a record and its authorization, unless the authorization was revoked. The check is needed because `revoke` misses a
 * record if the set that lists it was evicted. `live` gives the same, unless the record has expired.
 */
export const READ = `
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
export const CLOCK = `
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
 * `add` stores records. Each has four arguments ("fours"): rest of the ID, text, milliseconds to live, and '1' if it is listed for its subject. A
 * record is not stored if its authorization was revoked, or if its key exists, which means that it is live by the server's clock. The set of the
 * subject's records is the last key; if the tag is empty, the script does not change that set.
 */
export const ADD = `${JOIN}
local function add(set, mark, key, from, tag)
  if redis.call('EXISTS', mark) == 1 then return 0 end
  local all = 1
  for i = from, #ARGV, 4 do
    local ttl = tonumber(ARGV[i + 2])
    if ttl > 0 then
      if redis.call('SET', KEYS[key], ARGV[i + 1], 'PX', ARGV[i + 2], 'NX') then
        join(set, ARGV[i], ttl)
        if tag ~= '' and ARGV[i + 3] ~= '' then join(KEYS[#KEYS], tag .. '.' .. ARGV[i], ttl) end
      else all = 0 end
    end
    key = key + 1
  end
  return all
end
`;

/** `ofClient` tells whether a record is one of a client: the third item of the JSON list in its text is that JSON. */
export const CLIENT = `
local function ofClient(text, client)
  local i = string.match(text, '^%[".-","[^"]*",()')
  return i ~= nil and string.sub(text, i, i + #client) == client .. ','
end
`;

/** `owned` tells whether a record has a subject: the fourth item of the JSON list in its text, after the client ID. */
export const OWNED = `
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
