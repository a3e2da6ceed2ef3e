/** The order in which a project moves. */
import type { Use } from './examine.js';

const PORT: ReadonlySet<string> = new Set(['oauth2orize-koa', 'oidc-provider']);

const SERVER_BESIDE =
  'Put the new server beside the old one: the code under "The new server" and "Instead", at paths or at a host of its own, with the tables that you have. Where clients know other paths than /authorize and /token, keep these: say them in the routes, and in createServer({ endpoints: { authorization: "/oauth/authorize" } }).';
const ON_KOA =
  'koauthorize is for Koa: where your application is none, the new server is a Koa application of its own, and the reverse proxy sends it its paths.';

/** What to do, in this order. */
export function stepsFor({ library: { name, guide, adopt } }: Use): readonly string[] {
  return [
    `Read docs/${guide}. Run your tests against the old server: the same tests are for the new one, but for what "For clients" says.`,
    PORT.has(name) ? SERVER_BESIDE : `${SERVER_BESIDE} ${ON_KOA}`,
    'Call server.check() before koa.listen(), and run `npx koauthorize doctor` and, on a test system, `npx koauthorize attack`.',
    'Tell the people who own the clients what changes for them. Name the relaxations that you need, for the clients that need them, with a day on which each ends.',
    `Adopt: give the token service \`adopt\`, so that refresh tokens that clients hold are honoured once, and \`adoptCode\` for codes that are on their way (docs/${adopt}). Try it with a copy of the old tables.`,
    'Cut over: the old server stops issuing and refreshing, and the endpoints that clients know lead to the new one. Without `adoptCode`, a code on its way then fails, and its client starts again.',
    'Watch the `error` events of Koa, and count the calls of `adopt`. When there are none any more, remove `adopt`.',
    `Remove ${name}, its tables, and the relaxations whose day has come.`,
  ];
}
