/** Attacks that send the authorization response to another place. */
import { type Attack, skipped, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { answerIn, type Page } from '../http.js';
import type { Changes } from '../request.js';
import type { AttackClient } from '../target.js';
import { leadsTo, type Visitor } from '../visitor.js';
import { variantsOf } from './redirect-variants.js';

const PLACE = 'https://attacker.example/callback';

const ANSWER = ['error', 'error_description', 'error_uri', 'state', 'iss'] as const;

/** Whether an error was sent to the client itself, which is no gain for the attacker. */
function isToldTo({ redirect_uri, redirect_uris = [] }: AttackClient, location: string): boolean {
  const url = new URL(location);
  for (const name of ANSWER) url.searchParams.delete(name);
  return [redirect_uri, ...redirect_uris].some((uri) => URL.canParse(uri) && new URL(uri).href === url.href);
}

/** Whether the browser was redirected to this place; or to another server with an error; or anywhere with a code. */
function wasSent(page: Page, client: AttackClient, place: string, base: string): boolean {
  const { location } = page;
  if (location === undefined) return false;
  const answer = answerIn(page);
  if (answer.has('code') || answer.has('access_token')) return true;
  if (!URL.canParse(location)) return true;
  if (isToldTo(client, location)) return false;
  const isElsewhere = new URL(location).origin !== new URL(base).origin;
  const there = URL.canParse(place, base) ? new URL(place, base).href : place;
  return (isElsewhere && answer.has('error')) || leadsTo(location, there);
}

/** Describes what the attacker gains by this redirect URI. Empty if nothing. */
async function gain(context: AttackContext, visitor: Visitor, client: AttackClient, changes: Changes): Promise<string> {
  const { page } = await context.authorize(visitor, client, changes);
  if (context.formOf(page)) return 'a dialog is shown';
  const place = changes['redirect_uri'] ?? client.redirect_uri;
  const isGained = wasSent(page, client, place, context.endpoints.authorization);
  return isGained ? `the browser is sent to ${page.location}` : '';
}

export const redirectURIVariants: Attack = {
  name: 'redirect-uri-variants',
  title: 'a redirect URI that is almost the registered one receives the code',
  clause: 'RFC 9700 §4.1.3',
  async run(context) {
    const { client } = context.target;
    const visitor = await context.visitor();
    const variants = variantsOf(client.redirect_uri, client.redirect_uris ?? []);
    const gains: string[] = [];
    for (const redirect_uri of variants) {
      const gained = await gain(context, visitor, client, { redirect_uri });
      if (gained) gains.push(`${JSON.stringify(redirect_uri)}: ${gained}`);
    }
    if (gains.length === 0) return { outcome: 'withstood', detail: `${variants.length} variants` };
    return succeeded(`${gains.length} of ${variants.length} variants, the first is ${gains[0]}`);
  },
};

export const redirectURIMissing: Attack = {
  name: 'redirect-uri-missing',
  title: 'a request that names none of several redirect URIs is answered at one of them',
  clause: 'RFC 6749 §3.1.2.3',
  async run(context) {
    const { client, otherClient, publicClient } = context.target;
    const several = [client, otherClient, publicClient].find((one) => (one?.redirect_uris?.length ?? 0) > 1);
    if (!several) return skipped('no client with several redirect_uris');
    const gained = await gain(context, await context.visitor(), several, { redirect_uri: undefined });
    return gained ? succeeded(gained) : withstood;
  },
};

/** Mistakes, each of which a server may want to report to the client by a redirect. */
const MISTAKES: readonly Changes[] = [
  {},
  { response_type: 'attacker' },
  { response_type: undefined },
  { scope: 'attacker "' },
  { code_challenge: 'x' },
  { code_challenge_method: 'attacker' },
  { response_mode: 'attacker' },
  { prompt: 'none' },
  { client_id: 'nobody-by-this-name' },
  { client_id: undefined },
];

export const openRedirectByError: Attack = {
  name: 'open-redirect-by-error',
  title: 'an error in the request redirects the browser to an attacker',
  clause: 'RFC 9700 §4.11.2',
  async run(context) {
    for (const visitor of [context.stranger(), await context.visitor()])
      for (const mistake of MISTAKES) {
        const gained = await gain(context, visitor, context.target.client, { ...mistake, redirect_uri: PLACE });
        if (gained) return succeeded(`${gained}, by ${JSON.stringify(mistake)}`);
      }
    return withstood;
  },
};
