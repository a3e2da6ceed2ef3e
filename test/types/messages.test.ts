/** What the compiler says of a mistake: it names the callback that is wrong. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, tsc } from '../run.js';

const SOURCE = `import { type Client, createServer } from 'koauthorize';
interface App extends Client { readonly name: string }
const server = createServer<App, { id: string }>();
const validate = (_id: string, uri: string | undefined) => [{ client_id: 'a', name: 'A' }, uri] as const;
server.authorization(validate, (client: App) => client.name === '');
server.authorization((clientID: string) => [{ client_id: clientID, name: 'A' }, clientID]);
`;

describe('what the compiler says', function () {
  this.timeout(120_000);
  const folder = join(root, 'test', 'output', 'messages');
  let output = '';
  before(async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'mistakes.ts'), SOURCE);
    const paths = { koauthorize: [join(root, 'lib/index.ts')] };
    const config = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { paths },
      include: ['mistakes.ts'],
      exclude: [],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    ({ output } = await tsc(['-p', folder]));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const saidOf = (line: number): string =>
    output.split(/(?=mistakes\.ts\()/).find((text) => text.startsWith(`mistakes.ts(${line},`)) ?? output;

  it('a one-parameter immediate is an error about immediate, which is given the transaction', () => {
    assert.match(saidOf(5), /immediate of one parameter is given the transaction/);
    assert.doesNotMatch(saidOf(5), /ValidateRequest/);
  });

  it('a one-parameter validate is an error about validate, which is given the request', () => {
    assert.match(saidOf(6), /validate of one parameter is given the request: take \(clientID, redirectURI\)/);
  });
});
