/** Connects this terminal to the full example, or to the server that ISSUER names. */
import { connect } from './terminal.js';

const issuer = process.env['ISSUER'] ?? 'http://localhost:3000';
try {
  const name = await connect({ issuer, print: (line) => console.log(line) });
  console.log(`Hello, ${name}.`);
} catch (error) {
  console.error(`Not connected: ${(error as Error).message}`);
  process.exitCode = 1;
}
