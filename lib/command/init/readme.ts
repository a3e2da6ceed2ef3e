/** The README of a new project. */
import type { Choice } from './choice.js';
import { extensionOf } from './render.js';

const WHERE: Readonly<Record<Choice['store'], string>> = {
  memory: 'in memory: everything is lost when the process ends',
  lmdb: 'in the folder `data`, or the one that `DATA` names',
  postgres: 'in PostgreSQL, at `DATABASE_URL`. The server creates its tables',
  redis: 'in Redis 6 or newer with `maxmemory-policy noeviction`, at `REDIS_URL`',
};

const SETTING: Readonly<Record<Choice['store'], string>> = {
  memory: '',
  lmdb: '| `DATA` | the folder of tokens and sessions: `data` |\n',
  postgres:
    '| `DATABASE_URL` | where PostgreSQL is: `postgres://localhost/postgres`, by the name of your account and without a password |\n',
  redis: '| `REDIS_URL` | where Redis is: `redis://localhost:6379` |\n',
};

const OPERATION = `| variable | |
| --- | --- |
| \`PORT\` | 3000 |
| \`ISSUER\` | the URL at which browsers and clients find the server: https in production, with a proxy that terminates TLS |
| \`KEYS\` | the keys that sign the cookies: each has 32 random characters or more, the newest is first, separated by commas |
`;

const PRODUCTION = `
Before production: if you start several processes, they must share the counts of src/throttle, which are in memory here:
\`node_modules/koauthorize/docs/running-it.md\` says how.
\`npx koauthorize doctor --url http://localhost:3000\` examines the running server.
`;

export function readmeOf({ name, language, store }: Choice): string {
  const ending = extensionOf(language);
  return `# ${name}

An OAuth 2.1 authorization server with a login, a consent dialog and an API, made by \`npx koauthorize init\`. Tokens and sessions are kept
${WHERE[store]}.

\`\`\`sh
npm install && npm start
\`\`\`

In a second terminal, a client: open the URL that it prints, log in as \`alice\` with the password \`wonderland\`, and allow.

\`\`\`sh
npm run client
\`\`\`

| | |
| --- | --- |
| \`npm test\` | the flow, and the attacks of koauthorize/testing, in a minute or so. It uses the store, and starts the server on a port of its own |
| \`npm run attack\` | the attacks alone, on the server that \`npm start\` runs. They guess secrets: for a minute afterwards the server may answer this client, and the login, with 429 |
${language === 'typescript' ? '| `npm run types` | compiles |\n' : ''}
| file | |
| --- | --- |
| \`src/people.${ending}\` | users and clients, which are examples: put your database in their place. With \`NODE_ENV=production\` they are refused |
| \`src/login.${ending}\` | the login: put yours in its place |
| \`src/throttle.${ending}\` | how often passwords and secrets may be guessed |
| \`src/pages.${ending}\` | the pages, and the scopes in the words of the dialog |
| \`src/app.${ending}\` | the server: what is plugged in, and its routes |
| \`src/storage.${ending}\` | where tokens and sessions are kept |
| \`src/client.${ending}\` | a client, to try it |

${OPERATION}${SETTING[store]}${PRODUCTION}`;
}
