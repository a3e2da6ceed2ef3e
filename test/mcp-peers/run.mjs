/** Runs the exam against the servers of others, and writes the table of docs/mcp-peers.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { runMCPChecks } from 'koauthorize/testing';
import { startCareless } from '../support/mcp/careless.js';
import { startToolkit } from '../support/mcp/toolkit.js';
import { startBetterAuth } from './better-auth.mjs';
import { startJmondi } from './jmondi.mjs';
import { startOIDCProvider } from './oidc-provider.mjs';
import { startSDK } from './sdk.mjs';

const versionOf = (name) => {
  const text = readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), 'utf8');
  return `${name} ${JSON.parse(text).version}`;
};

const PEERS = [
  ['koauthorize (this repository)', () => startToolkit()],
  [versionOf('oidc-provider'), startOIDCProvider],
  [versionOf('@better-auth/mcp'), startBetterAuth],
  [versionOf('@jmondi/oauth2-server'), startJmondi],
  [versionOf('@modelcontextprotocol/sdk'), startSDK],
  ['a server that approves everyone', startCareless],
];

const count = (reports, level, outcome) =>
  reports.filter((each) => each.level === level && each.outcome === outcome).length;

const cells = (reports, level) =>
  ['passed', 'failed', 'skipped', 'error'].map((outcome) => count(reports, level, outcome));

const failed = (reports, level) =>
  reports
    .filter((each) => each.level === level && each.outcome === 'failed')
    .map(({ name }) => `\`${name}\``)
    .join(', ') || 'none';

const rows = [];
const sections = [];
for (const [name, start] of PEERS) {
  const { target, stop } = await start();
  const reports = await runMCPChecks(target);
  await stop();
  rows.push(`| ${[name, ...cells(reports, 'MUST'), ...cells(reports, 'SHOULD')].join(' | ')} |`);
  const lines = ['MUST', 'SHOULD'].map((level) => `- ${level}, failed: ${failed(reports, level)}`);
  if (start !== startCareless) sections.push(`### ${name}\n\n${lines.join('\n')}`);
}

const table = [
  '| server | MUST: passed | failed | not tried | no result | SHOULD: passed | failed | not tried | no result |',
  '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
  ...rows,
].join('\n');

const page = new URL('../../docs/mcp-peers.md', import.meta.url);
const [before, after] = ['<!-- results -->', '<!-- end of results -->'];
const [head = '', rest = ''] = readFileSync(page, 'utf8').split(before);
const [, tail = ''] = rest.split(after);
writeFileSync(page, `${head}${before}\n\n${table}\n\n${sections.join('\n\n')}\n\n${after}${tail}`);
process.exit(0);
