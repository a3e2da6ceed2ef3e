/** Whoever adds options finds here that nothing compares their names. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { uncheckedOptions } from './options.js';

const lib = fileURLToPath(new URL('../../lib/', import.meta.url));

/** Types whose members are not compared, and why. */
const EXEMPT: Readonly<Record<string, string>> = {
  AttackReport: 'it is what runAttacks gave',
  AuthorizationDetail: 'what a client asks for: the application declares its fields',
  AuthorizationErrorCodes: 'a list of codes: no object of it is made',
  Core: 'what is plugged into a server, as createServer makes it',
  DatabaseOptions: 'made by the PostgreSQL store from its own options',
  Diagnosis: 'a result, for formatDiagnosis: given back as it came',
  DiscoveryOptions: 'made by jwtVerifier from its own options',
  Exchange: 'a plug, which the application may implement',
  Fetching: 'made by remoteKeys from its own options',
  Grant: 'a plug, which the application may implement',
  GrantModule: 'a plug, which the application may implement',
  HasDetails: 'a token, as bearer leaves it',
  KnownParameters: 'made by the toolkit from what extensions declare',
  MCPReport: 'a result, for formatMCPReports: given back as it came',
  MetadataOptions: 'members of the metadata document, which are open: RFC 8414 §2',
  Mountable: 'the server itself',
  MountingRouter: 'a router of the application',
  OAuth2ErrorOptions: 'an error that throws while it is made hides what happened',
  Params: 'parameters of a request: any name may be right',
  PassportOptions: 'what passport was given: its options are its own',
  ProtectedResourceMetadata: 'members of the metadata document, which are open: RFC 9728 §2',
  PublishedKeys: 'a service, which the application may implement',
  ReadingOptions: 'what jwtVerifier and introspectionVerifier hand on of their own options',
  RequestElsewhere: 'both members are required, and without one the request is refused',
  SessionOptions: 'what koa-session was given: its options are its own',
  SigningKey: 'a service, which the application may implement',
  SigningKeys: 'a service, which the application may implement',
  StepOptions: 'made by the command keys from its arguments',
  TestFramework: 'the functions of a test framework',
  TokenErrorCodes: 'a list of codes: no object of it is made',
  TokenRecord: 'what is stored: a store may be given members of a later version',
  TokenStore: 'a service, which the application may implement',
  Transaction: 'a request, as the toolkit made it',
  TransactionOptions: 'given by the toolkit to the store of transactions',
};

function typesIn(files: Readonly<Record<string, string>>): string[] {
  return uncheckedOptions(Object.entries(files).map(([path, text]) => ({ path, text }))).map(({ type }) => type);
}

const INDEX = "export { make, type MakeOptions } from './made/make.js';";
const INTERFACE = 'export interface MakeOptions extends BaseOptions { a?: 1 }\ninterface BaseOptions { b?: 1 }\n';

describe('options objects that lib/ takes', () => {
  it('have their names checked, or are exempt for a stated reason', () => {
    const paths = readdirSync(lib, { recursive: true })
      .map(String)
      .filter((path) => path.endsWith('.ts'));
    const files = paths.map((path) => [path.replaceAll('\\', '/'), readFileSync(`${lib}${path}`, 'utf8')] as const);
    assert.deepEqual(typesIn(Object.fromEntries(files)), Object.keys(EXEMPT));
  });

  it('are found where nothing compares them', () => {
    const text = `${INTERFACE}export function make(options: MakeOptions = {}): void {}`;
    assert.deepEqual(typesIn({ 'index.ts': INDEX, 'made/make.ts': text }), ['BaseOptions', 'MakeOptions']);
  });

  it('are found by whatever name, where a public function takes them', () => {
    const text = 'export interface Keys { a?: 1 }\nexport function make(first: string, keys: Keys): void {}';
    assert.deepEqual(typesIn({ 'index.ts': INDEX, 'made/make.ts': text }), ['Keys']);
    assert.deepEqual(typesIn({ 'index.ts': '', 'made/make.ts': text }), []);
    const method = 'interface Keys { a?: 1 }\nexport class Server { extend(keys: Keys): void {} }';
    assert.deepEqual(typesIn({ 'server/server.ts': method }), ['Keys']);
  });

  it('are not found where they are compared, with those that they extend', () => {
    const text = `${INTERFACE}export function make(options: MakeOptions): void { requireKnown<MakeOptions>(options, {}, 'make'); }`;
    assert.deepEqual(typesIn({ 'index.ts': INDEX, 'made/make.ts': text }), []);
  });
});
