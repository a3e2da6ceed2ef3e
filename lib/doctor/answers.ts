/** Asks a running server. No request contains a credential, a code or a token. */
import { type Answer, type Ask, objectIn } from './ask.js';
import type { Endpoints, FurtherEndpoint } from './endpoints.js';

export interface Answers {
  /** The answer of the authorization endpoint to a script of another origin. */
  readonly authorization: Answer | undefined;
  /** The answer of the authorization endpoint to the CORS preflight of that script. */
  readonly preflight: Answer | undefined;
  /** The answer of the token endpoint to a request with an unknown grant type. */
  readonly token: Answer | undefined;
  /** The answer of the token endpoint to a form of more than a mebibyte. */
  readonly large: Answer | undefined;
  /** The answers of the introspection endpoint to a request without client authentication, and to public clients. */
  readonly introspection: readonly Answer[];
  readonly revocation: Answer | undefined;
  readonly jwks: Answer | undefined;
  /** The other endpoints, with their answers to a request that has none of their parameters. */
  readonly further: readonly (FurtherEndpoint & { readonly answer: Answer | undefined })[];
}

/** An origin that no server has reason to trust. */
export const STRANGER = 'https://stranger.example';

const LARGE = `grant_type=authorization_code&state=${'x'.repeat(1024 * 1024)}`;

/** A value that is not a token. */
const NO_TOKEN = 'token=koauthorize-doctor';

const PREFLIGHT = { Origin: STRANGER, 'Access-Control-Request-Method': 'GET' };

/** @param publicClients identifiers of clients that do not authenticate */
export async function answersOf(ask: Ask, endpoints: Endpoints, publicClients: readonly string[]): Promise<Answers> {
  const at = async (url: string | undefined, question: Parameters<Ask>[1]) =>
    url === undefined ? undefined : ask(url, question);
  const { authorization, token, introspection, revocation, jwks } = endpoints;
  const further: Answers['further'][number][] = [];
  for (const endpoint of endpoints.further ?? []) {
    const { url, method } = endpoint;
    further.push({ ...endpoint, answer: await ask(url, { method, ...(method === 'POST' && { body: NO_TOKEN }) }) });
  }
  const asClients = publicClients.slice(0, 3).map((id) => `${NO_TOKEN}&${new URLSearchParams({ client_id: id })}`);
  const introspected: (Answer | undefined)[] = [];
  for (const body of [NO_TOKEN, ...asClients]) introspected.push(await at(introspection, { method: 'POST', body }));
  return {
    authorization: await at(authorization, { headers: { Origin: STRANGER } }),
    preflight: await at(authorization, { method: 'OPTIONS', headers: PREFLIGHT }),
    token: await at(token, { method: 'POST', body: 'grant_type=koauthorize-doctor' }),
    large: await at(token, { method: 'POST', body: LARGE }),
    introspection: introspected.filter((answer) => answer !== undefined),
    revocation: await at(revocation, { method: 'POST', body: NO_TOKEN }),
    jwks: await at(jwks, {}),
    further,
  };
}

/** The `kid` of a key as text. A hostile server may publish a `kid` of any type. */
export const kidOf = ({ kid = 'without kid' }: Readonly<Record<string, unknown>>): string =>
  typeof kid === 'string' ? kid : JSON.stringify(kid);

/** The keys of a key set. */
export function keysIn(answer: Answer | undefined): readonly Readonly<Record<string, unknown>>[] | undefined {
  const keys = objectIn(answer)?.['keys'];
  return Array.isArray(keys) ? keys.filter((key) => typeof key === 'object' && key !== null) : undefined;
}
