/** Asks a user for consent on a device of their own. The user is one of the full example, or of the server that ISSUER names. */
import { ask } from './till.js';

const issuer = process.env['ISSUER'] ?? 'http://localhost:3000';
try {
  const [customer = 'alice'] = process.argv.slice(2);
  const name = await ask({ issuer, customer, print: (line) => console.log(line) });
  console.log(`Thank you, ${name}.`);
} catch (error) {
  console.error(`Not allowed: ${(error as Error).message}`);
  process.exitCode = 1;
}
