/** Keys by hand, with as many commands as the store has. Tokens are stored as SHA-256; one script spends a token and stores the next two. */
import { hash, randomBytes } from 'node:crypto';
import { type Contestant, LIFETIME } from './contestant.js';

const ROTATE = `
  local value = redis.call('GET', KEYS[1])
  if not value or string.sub(value, 1, 6) == 'spent ' then return 0 end
  redis.call('SET', KEYS[1], 'spent ' .. value, 'KEEPTTL')
  redis.call('SET', KEYS[2], value, 'EX', ARGV[1])
  redis.call('SET', KEYS[3], value, 'EX', ARGV[1])
  return 1`;

const newToken = (): string => randomBytes(32).toString('base64url');
const keyOf = (token: string): string => `by-hand:${hash('sha256', token, 'base64url')}`;

/** The part of a client of the package redis that is used. */
interface Client {
  scriptLoad(script: string): Promise<string>;
  set(key: string, value: string, options: { expiration: { type: 'EX'; value: number } }): Promise<unknown>;
  get(key: string): Promise<string | null>;
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

export async function byHandOnRedis(client: Client): Promise<Contestant> {
  const sha = await client.scriptLoad(ROTATE);
  async function issue(kind: string, subject?: string): Promise<string> {
    const token = newToken();
    const value = JSON.stringify({ kind, clientID: 'app', subject, scope: ['read'], issuedAt: Date.now() / 1000 });
    await client.set(keyOf(token), value, { expiration: { type: 'EX', value: LIFETIME } });
    return token;
  }
  async function find(token: string): Promise<void> {
    const value = await client.get(keyOf(token));
    if (JSON.parse(value ?? 'null')?.scope?.[0] !== 'read') throw new Error('The token was refused');
  }
  async function rotate(token: string): Promise<string> {
    await find(token);
    const [access, refresh] = [newToken(), newToken()];
    const keys = [token, access, refresh].map(keyOf);
    if ((await client.evalSha(sha, { keys, arguments: [`${LIFETIME}`] })) !== 1) throw new Error('It was refused');
    return refresh;
  }
  return {
    operations: {
      'client credentials': async () => async () => void (await issue('access_token')),
      async verify() {
        const token = await issue('access_token', 'alice');
        return () => find(token);
      },
      async refresh() {
        let token = await issue('refresh_token', 'alice');
        return async () => {
          token = await rotate(token);
        };
      },
    },
    close: async () => {},
  };
}
