/** The settings, from environment variables, checked at the start. To add one, add a member of Config and a line of readConfig. */

export interface Config {
  /** The server's URL, as browsers and clients see it: an origin. */
  readonly issuer: string;
  readonly port: number;
  /** The database: a directory of this server, or the URL of a database server. */
  readonly database:
    | { readonly kind: 'lmdb'; readonly path: string }
    | { readonly kind: 'postgres' | 'redis'; readonly url: string };
  /** The prefix of tables or keys, for a database that other applications share. */
  readonly name: string;
  /** The keys that sign cookies, newest first. Without any, keys are made at the first start and kept in the storage. */
  readonly keys: readonly string[];
  /** How many processes share the port. */
  readonly workers: number;
  /** The number of own proxies in front of the server, each of which adds to X-Forwarded-For; 0 if browsers connect directly. */
  readonly proxies: number;
  /** The implicit, hybrid and password grants, for clients that cannot be changed: RFC 9700 §2.1.2, §2.4 advise against the first two and forbid the last. */
  readonly legacy: 'refused' | 'allowed';
  /**
   * Who may register clients by RFC 7591: nobody, programs with the token, or anyone. The last gives up that you know who your clients are: a stranger then
   * chooses the name and the URLs of a client that users are asked about.
   */
  readonly registration:
    | { readonly kind: 'nobody' }
    | { readonly kind: 'anyone' }
    | { readonly kind: 'by token'; readonly token: string };
  readonly logLevel: string;
  /** A file like seed.json, with users and clients. Without one, seed.json itself is used, whose passwords and secrets are public. */
  readonly seed?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Refuse = (mistake: string) => void;

/** The error for wrong settings. Its message has one sentence for each mistake. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.mistakes = mistakes;
  }
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/** RFC 8414 §2: https, or http on a loopback host, for development. It has no path, because all routes are mounted at the root. */
function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol, hostname } = new URL(text);
  return origin === text && (protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname)));
}

function databaseOf({ DATABASE_URL, REDIS_URL, DATA }: Environment, refuse: Refuse) {
  if (DATABASE_URL && REDIS_URL) refuse('DATABASE_URL and REDIS_URL are both set: choose one.');
  for (const [name, url, schemes] of [
    ['DATABASE_URL', DATABASE_URL, /^postgres(ql)?:$/],
    ['REDIS_URL', REDIS_URL, /^rediss?:$/],
  ] as const) {
    if (url && !(URL.canParse(url) && schemes.test(new URL(url).protocol)))
      refuse(`${name} is not such a URL: it begins with ${name === 'REDIS_URL' ? 'redis://' : 'postgres://'}.`);
  }
  if (DATABASE_URL) return { kind: 'postgres', url: DATABASE_URL } as const;
  if (REDIS_URL) return { kind: 'redis', url: REDIS_URL } as const;
  return { kind: 'lmdb', path: DATA || `${import.meta.dirname}/data` } as const;
}

function registrationOf({ REGISTRATION_TOKEN: token, ALLOW_ANYONE_TO_REGISTER }: Environment, refuse: Refuse) {
  const anyone = ALLOW_ANYONE_TO_REGISTER ?? '';
  if (!['', 'no', 'yes'].includes(anyone)) refuse('ALLOW_ANYONE_TO_REGISTER is yes or no.');
  if (anyone === 'yes' && token) refuse('ALLOW_ANYONE_TO_REGISTER and REGISTRATION_TOKEN are both set: choose one.');
  if (token && !/^[\w.~+/-]{32,}=*$/.test(token))
    refuse('REGISTRATION_TOKEN has 32 characters or more: letters, digits and - . _ ~ + /.');
  if (token) return { kind: 'by token', token } as const;
  return anyone === 'yes' ? ({ kind: 'anyone' } as const) : ({ kind: 'nobody' } as const);
}

/** @throws ConfigError that names every mistake at once */
export function readConfig(env: Environment): Config {
  const mistakes: string[] = [];
  const refuse: Refuse = (mistake) => void mistakes.push(mistake);
  const whole = (name: string, usual: number, least: number, most: number): number => {
    const value = env[name] ? Number(env[name]) : usual;
    if (!(Number.isInteger(value) && value >= least && value <= most))
      refuse(`${name} is a whole number from ${least} to ${most}, not ${env[name]}.`);
    return value;
  };
  const port = whole('PORT', 3000, 0, 65_535);
  const issuer = env['ISSUER']?.replace(/\/$/, '') || `http://localhost:${port}`;
  if (env['ISSUER'] && !isOrigin(issuer))
    refuse(
      'ISSUER is the address of this server and nothing more, such as https://login.example (http only for localhost).',
    );
  const keys = env['KEYS']?.split(',') ?? [];
  if (keys.some((key) => key.length < 32)) refuse('KEYS are separated by commas, and each has 32 characters or more.');
  const name = env['NAME'] || 'koauthorize_full';
  if (!/^[a-z][a-z0-9_]{0,40}$/.test(name)) refuse('NAME is of small letters, digits and _, and begins with a letter.');
  const legacy = env['ALLOW_LEGACY'] ?? '';
  if (!['', 'no', 'yes'].includes(legacy)) refuse('ALLOW_LEGACY is yes or no.');
  const logLevel = env['LOG_LEVEL'] || 'info';
  if (!LEVELS.includes(logLevel)) refuse(`LOG_LEVEL is one of ${LEVELS.join(', ')}.`);
  const config: Config = {
    issuer,
    port,
    database: databaseOf(env, refuse),
    name,
    keys,
    workers: whole('WORKERS', 1, 1, 64),
    proxies: whole('TRUST_PROXY', issuer.startsWith('https:') ? 1 : 0, 0, 10),
    legacy: legacy === 'yes' ? 'allowed' : 'refused',
    registration: registrationOf(env, refuse),
    logLevel,
    seed: env['SEED'] || undefined,
  };
  if (issuer.startsWith('https:') && !config.seed)
    refuse(
      'SEED is the path of a file like seed.json: the passwords and secrets of seed.json itself are for trying only.',
    );
  if (issuer.startsWith('https:') && config.proxies === 0)
    refuse('TRUST_PROXY is 0 although ISSUER is https: this server speaks no TLS itself, so some proxy in front must.');
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return config;
}
