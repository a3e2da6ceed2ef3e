/** The honest flow of an MCP client, in steps that checks change one by one. */
import { decisionForm, type FormSubmission } from '../../attack/form.js';
import { answerIn, type Page, send } from '../../attack/http.js';
import { challengeOf, credentials, describePage, random } from '../../attack/request.js';
import type { AttackClient } from '../../attack/target.js';
import { openVisitor, type Visitor } from '../../attack/visitor.js';
import { FlowFailed, NotTried } from '../check.js';
import type { MCPTarget } from '../target.js';
import { challengeParam } from './challenge.js';
import type { Documents } from './documents.js';
import { documentIn, list, type Members, words } from './members.js';
import { once } from './once.js';
import type { Registration } from './registration.js';

/** Parameters to set. A list sends a parameter several times; undefined removes it. */
export type Changes = Readonly<Record<string, string | readonly string[] | undefined>>;

/** An authorization request, and the first answer to it. */
export interface Asked {
  readonly client: AttackClient;
  readonly verifier: string;
  readonly state: string;
  readonly page: Page;
}

/** An authorization request that was allowed, if that was possible, and the last answer. */
export interface Attempt extends Asked {
  readonly answer: Page;
}

export interface Obtained extends Attempt {
  readonly code: string;
}

export interface Flow {
  /** A browser in which nobody is logged in. */
  stranger(): Visitor;
  /** A new browser in which the user is logged in. */
  visitor(): Promise<Visitor>;
  /** A new browser in which another user is logged in. @throws NotTried without `loginOther` */
  otherVisitor(): Promise<Visitor>;
  /** Opens the authorization endpoint. Default: in the browser of the honest user, with the client of the honest flow. */
  ask(changes?: Changes, by?: { readonly client?: AttackClient; readonly visitor?: Visitor }): Promise<Asked>;
  /** The form of a dialog; undefined if the page is no dialog. */
  formOf(page: Page, decision?: 'allow' | 'deny'): FormSubmission | undefined;
  /** Sends an authorization request, and allows it. Default: in the browser of the honest user, as in the functions below. */
  attempt(changes?: Changes, client?: AttackClient, browser?: Visitor): Promise<Attempt>;
  /** Sends an authorization request that shows a dialog, even if the server remembers consent. @throws NotTried if it shows none */
  dialog(changes?: Changes): Promise<Asked & { readonly visitor: Visitor; readonly form: FormSubmission }>;
  /** The code of an honest flow. @throws FlowFailed if the honest flow fails */
  code(changes?: Changes, client?: AttackClient, browser?: Visitor): Promise<Obtained>;
  /** Posts to the token endpoint, as this client. */
  post(client: AttackClient, fields: Changes): Promise<Page>;
  /** Exchanges a code, with some changes. */
  exchange(obtained: Obtained, changes?: Changes, client?: AttackClient): Promise<Page>;
  /** New tokens. @throws FlowFailed if the honest flow fails */
  tokens(changes?: Changes, client?: AttackClient, browser?: Visitor): Promise<Members>;
  /** The tokens of the first honest flow. Checks of refusals need it: a server that refuses everything would pass them all. */
  honest(): Promise<Members>;
}

function pairs(fields: Changes): [string, string][] {
  return Object.entries(fields).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : (value ?? [])).map((each): [string, string] => [name, each]),
  );
}

/** The scope that a client asks for: the scope of the challenge or of the metadata, and `offline_access` if the server has it. */
function scopes({ unauthorized, resource, server }: Documents): () => Promise<string | undefined> {
  return once(async () => {
    const challenged = words(challengeParam(await unauthorized(), 'scope'));
    const asked = challenged.length > 0 ? challenged : list((await resource()).members['scopes_supported']);
    const offline = list((await server()).members['scopes_supported']).filter((each) => each === 'offline_access');
    return [...new Set([...asked, ...offline])].join(' ') || undefined;
  });
}

function people(target: MCPTarget, documents: Documents): Pick<Flow, 'stranger' | 'visitor' | 'otherVisitor'> {
  const stops = [target.client, target.otherClient].flatMap((one) => (one ? [one.redirect_uri] : []));
  const stranger = (): Visitor => openVisitor(stops);
  return {
    stranger,
    async visitor() {
      await documents.server();
      const browser = stranger();
      await target.login?.(browser);
      return browser;
    },
    async otherVisitor() {
      if (!target.loginOther) throw new NotTried('no `loginOther`');
      const browser = stranger();
      await target.loginOther(browser);
      return browser;
    },
  };
}

type Asking = Pick<Flow, 'ask' | 'formOf' | 'attempt' | 'dialog' | 'code'>;
type Parts = { readonly target: MCPTarget; readonly documents: Documents; readonly registration: Registration };

/** @param honest the browser of the honest user */
function asker({ target, documents, registration }: Parts, honest: () => Promise<Visitor>): Flow['ask'] {
  const scope = scopes(documents);
  return async (changes = {}, by = {}) => {
    const { client = await registration.client(), visitor: browser = await honest() } = by;
    const [verifier, state] = [random(), random()];
    const url = new URL(await documents.endpoint('authorization'));
    const fields: Changes = {
      response_type: 'code',
      client_id: client.client_id,
      redirect_uri: client.redirect_uri,
      scope: client.scope ?? (await scope()),
      state,
      code_challenge: challengeOf(verifier),
      code_challenge_method: 'S256',
      resource: target.resource,
      ...changes,
    };
    for (const [name, value] of pairs(fields)) url.searchParams.append(name, value);
    return { client, verifier, state, page: await browser.get(url.href) };
  };
}

function asking(parts: Parts, visitor: Flow['visitor']): Asking {
  const { target } = parts;
  const honest = once(visitor);
  const ask = asker(parts, honest);
  const formOf: Flow['formOf'] = (page, decision = 'allow') =>
    page.location === undefined && page.status < 300 ? (target.consent ?? decisionForm)(page, decision) : undefined;
  const attempt: Flow['attempt'] = async (changes = {}, client = undefined, by = undefined) => {
    const browser = by ?? (await honest());
    const asked = await ask(changes, { visitor: browser, ...(client && { client }) });
    const form = formOf(asked.page);
    return { ...asked, answer: form ? await browser.post(form.action, form.fields) : asked.page };
  };
  return {
    ...{ ask, formOf, attempt },
    async dialog(changes = {}) {
      const browser = await visitor();
      const asked = await ask({ prompt: 'consent', ...changes }, { visitor: browser });
      const form = formOf(asked.page);
      if (form) return { ...asked, visitor: browser, form };
      throw new NotTried(`no dialog is shown: ${describePage(asked.page)}`);
    },
    async code(...asked) {
      const attempted = await attempt(...asked);
      const code = answerIn(attempted.answer).get('code');
      if (code !== null) return { ...attempted, code };
      if (!target.login) throw new NotTried('no `login`, and nobody is given a code without one');
      throw new FlowFailed(`An honest request is given no code: ${describePage(attempted.answer)}`);
    },
  };
}

function exchanging(
  target: MCPTarget,
  { endpoint }: Documents,
  { code }: Asking,
): Omit<Flow, keyof Asking | 'stranger' | 'visitor' | 'otherVisitor'> {
  const post: Flow['post'] = async (client, fields) => {
    const { headers, fields: own } = credentials(client);
    const sent = { ...own, ...fields };
    return send(await endpoint('token'), {
      method: 'POST',
      headers: { accept: 'application/json', ...headers },
      body: new URLSearchParams(pairs(sent)),
    });
  };
  const exchange: Flow['exchange'] = ({ client: own, code: given, verifier }, changes = {}, client = own) =>
    post(client, {
      grant_type: 'authorization_code',
      code: given,
      redirect_uri: own.redirect_uri,
      code_verifier: verifier,
      resource: target.resource,
      ...changes,
    });
  const tokens: Flow['tokens'] = async (...asked) => {
    const page = await exchange(await code(...asked));
    const { members } = documentIn(page);
    if (page.status === 200 && typeof members['access_token'] === 'string') return members;
    throw new FlowFailed(`An honest exchange gives no token: ${describePage(page)}`);
  };
  return { post, exchange, tokens, honest: once(() => tokens()) };
}

export function openFlow(target: MCPTarget, documents: Documents, registration: Registration): Flow {
  const persons = people(target, documents);
  const asks = asking({ target, documents, registration }, persons.visitor);
  return { ...persons, ...asks, ...exchanging(target, documents, asks) };
}
