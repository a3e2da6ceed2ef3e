/** The order in which a project moves. */
import type { Use } from './examine.js';

const PORT: ReadonlySet<string> = new Set(['oauth2orize-koa', 'oidc-provider']);

const SERVER_BESIDE =
  'Put the new server beside the old one: the code under "The new server" and "Instead", at paths or at a host of its own, with the tables that you have. If clients know other paths than /authorize and /token, keep those paths: write them in the routes, and in createServer({ endpoints: { authorization: "/oauth/authorize" } }).';
const ON_KOA =
  'koauthorize is for Koa. If your application does not use Koa, the new server is a separate Koa application, and the reverse proxy sends requests for its paths to it.';

/** The steps, in their order. */
export function stepsFor({ library: { name, guide, adopt } }: Use): readonly string[] {
  return [
    `Read docs/${guide}. Run your tests against the old server, and later against the new one: they must pass, except for the differences under "For clients".`,
    PORT.has(name) ? SERVER_BESIDE : `${SERVER_BESIDE} ${ON_KOA}`,
    'Call server.check() before koa.listen(), and run `npx koauthorize doctor` and, on a test system, `npx koauthorize attack`.',
    'Tell the people who own the clients what changes for them. Name the relaxations that you need, for the clients that need them, with a day on which each ends.',
    `Adopt: give the token service \`adopt\`, so that refresh tokens that clients hold are accepted once, and \`adoptCode\` for codes that are not yet redeemed (docs/${adopt}). Try it with a copy of the old tables.`,
    'Cut over: the old server stops issuing and refreshing, and the endpoints that clients know lead to the new one. Without `adoptCode`, a code that is not yet redeemed then fails, and its client starts again.',
    'Watch the `error` events of Koa, and count the calls of `adopt`. When there are none any more, remove `adopt`.',
    `Remove ${name}, its tables, and the relaxations that are no longer needed.`,
  ];
}
