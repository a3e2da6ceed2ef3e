/** The program of a new project. */
export const server = `/** Starts the server. */
import { randomBytes } from 'node:crypto';
import { createApp } from './app.js';
import { openStorage } from './storage.js';

const port = Number(process.env['PORT'] || 3000);
const issuer = process.env['ISSUER'] || \`http://localhost:\${port}\`;
const keys = process.env['KEYS']?.split(',') ?? [randomBytes(32).toString('hex')]; // without KEYS, a restart logs everyone out
if (keys.some((key) => key.length < 32)) throw new Error('KEYS are separated by commas, and each has 32 characters or more');

const storage = await openStorage();
const listening = createApp({ issuer, storage, keys }).listen(port, () => {
  console.log(\`\${issuer} is ready: log in as alice, with the password wonderland\`);
});

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    listening.close(() => void storage.close());
    listening.closeIdleConnections();
  });
`;
