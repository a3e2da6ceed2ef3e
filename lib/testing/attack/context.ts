/** The honest flow, in steps that attacks replace one by one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { decisionForm, type FormSubmission } from './form.js';
import { answerIn, type Fields, membersOf, type Page, paramsOf, send } from './http.js';
import { endpointsOf, metadataOf } from './metadata.js';
import { type Changes, challengeOf, changed, credentials, describePage, random } from './request.js';
import type { AttackClient, AttackEndpoints, AttackTarget } from './target.js';
import { openVisitor, type Visitor } from './visitor.js';

type Headers = Readonly<Record<string, string>>;

/** An authorization request that was answered with a code. */
export interface Obtained {
  readonly code: string;
  readonly verifier: string;
  readonly state: string;
  readonly redirect_uri: string;
  /** Where the browser was sent. */
  readonly location: string;
}

/** An authorization request. */
export interface Request {
  readonly url: string;
  readonly verifier: string;
  readonly state: string;
  readonly redirect_uri: string;
}

/** An authorization request, and the answer to it. */
export interface Asked extends Request {
  readonly page: Page;
}

export interface AttackContext {
  readonly target: AttackTarget;
  readonly endpoints: AttackEndpoints;
  /** A browser in which nobody is logged in. */
  stranger(): Visitor;
  /** A new browser in which the user is logged in. */
  visitor(): Promise<Visitor>;
  /** A new browser in which the other user is logged in, if the target has one. */
  otherVisitor(): Promise<Visitor>;
  /** The parameters of an honest authorization request, with PKCE, and some changes. */
  request(client: AttackClient, changes?: Changes): Request;
  /** Opens the authorization endpoint. */
  authorize(visitor: Visitor, client: AttackClient, changes?: Changes): Promise<Asked>;
  /** Opens the authorization endpoint so that it shows a dialog. @throws Error if it shows none */
  dialog(visitor: Visitor, client: AttackClient, changes?: Changes): Promise<Asked & { readonly form: FormSubmission }>;
  /** The form of a dialog; undefined if the page is no dialog. */
  formOf(page: Page, decision?: 'allow' | 'deny'): FormSubmission | undefined;
  /** Allows a request. @returns the answer to the decision if the page is a dialog, else the page itself */
  allow(visitor: Visitor, page: Page): Promise<Page>;
  /** The honest flow up to a code; all calls share one logged-in browser. @throws Error if it fails */
  obtainCode(client: AttackClient, changes?: Changes): Promise<Obtained>;
  /** Posts to the token endpoint (or another), as this client. */
  post(client: AttackClient, fields: Fields, url?: string, headers?: Headers): Promise<Page>;
  /** Exchanges a code, with some changes. */
  exchange(client: AttackClient, obtained: Obtained, changes?: Changes, headers?: Headers): Promise<Page>;
  /** The metadata of the server. */
  metadata(): Promise<Readonly<Record<string, unknown>>>;
  /** Lets time pass for the server. */
  wait(seconds: number): Promise<void>;
  /** The honest flow up to tokens. @throws Error if it fails */
  obtainTokens(client: AttackClient, changes?: Changes): Promise<Readonly<Record<string, unknown>>>;
}

/** The redirect URIs of the clients, to which visitors follow no redirect. */
function placesOf({ client, otherClient, publicClient }: AttackTarget): readonly string[] {
  return [client, otherClient, publicClient].flatMap((one) =>
    one ? [one.redirect_uri, ...(one.redirect_uris ?? []), ...[one.post_logout_redirect_uri ?? []].flat()] : [],
  );
}

function browsers(target: AttackTarget): Pick<AttackContext, 'stranger' | 'visitor' | 'otherVisitor'> {
  const stranger = (): Visitor => openVisitor(placesOf(target));
  const loggedIn = async (login: AttackTarget['login']): Promise<Visitor> => {
    const browser = stranger();
    await login(browser);
    return browser;
  };
  return {
    stranger,
    visitor: () => loggedIn((browser) => target.login(browser)),
    otherVisitor: () => loggedIn((browser) => (target.loginOther ? target.loginOther(browser) : target.login(browser))),
  };
}

function requestOf(authorization: string, client: AttackClient, changes: Changes): Request {
  const [verifier, state] = [random(), random()];
  const { client_id, redirect_uri, scope } = client;
  const params = changed(
    {
      response_type: 'code',
      client_id,
      redirect_uri,
      scope,
      state,
      code_challenge: challengeOf(verifier),
      code_challenge_method: 'S256',
    },
    changes,
  );
  const url = new URL(authorization);
  for (const [name, value] of Object.entries(params)) url.searchParams.append(name, value);
  return { url: url.href, verifier, state, redirect_uri };
}

type Asking = Pick<AttackContext, 'request' | 'authorize' | 'dialog' | 'formOf' | 'allow'>;

function asking(target: AttackTarget, { authorization }: AttackEndpoints): Asking {
  const formOf: Asking['formOf'] = (page, decision = 'allow') =>
    page.location === undefined && page.status < 300 ? (target.consent ?? decisionForm)(page, decision) : undefined;
  const request: Asking['request'] = (client, changes = {}) => requestOf(authorization, client, changes);
  const authorize: Asking['authorize'] = async (visitor, client, changes) => {
    const asked = request(client, changes);
    return { ...asked, page: await visitor.get(asked.url) };
  };
  return {
    request,
    authorize,
    formOf,
    async allow(visitor, page) {
      const form = formOf(page);
      return form ? visitor.post(form.action, form.fields) : page;
    },
    async dialog(visitor, client, changes) {
      await target.forget?.(visitor, client);
      const asked = await authorize(visitor, client, changes);
      const form = formOf(asked.page);
      if (form) return { ...asked, form };
      const hint = answerIn(asked.page).has('code') ? '; where consent is remembered, `forget` must take it back' : '';
      throw new Error(`An honest request of ${client.client_id} shows no dialog: ${describePage(asked.page)}${hint}`);
    },
  };
}

type Posting = Pick<AttackContext, 'post' | 'exchange'>;

function posting({ token }: AttackEndpoints): Posting {
  const post: Posting['post'] = (client, fields, url = token, more = {}) => {
    const { headers, fields: own } = credentials(client);
    const others = [...paramsOf(fields)].filter(([name]) => !(name in own));
    return send(url, {
      method: 'POST',
      headers: { ...headers, ...more },
      body: new URLSearchParams([...Object.entries(own), ...others]),
    });
  };
  return {
    post,
    exchange(client, { code, verifier, redirect_uri }, changes = {}, headers = {}) {
      const fields = { grant_type: 'authorization_code', code, redirect_uri, code_verifier: verifier };
      return post(client, changed(fields, changes), token, headers);
    },
  };
}

/** @throws Error if neither the target nor the metadata name the endpoints */
export async function openContext(target: AttackTarget): Promise<AttackContext> {
  const endpoints = await endpointsOf(target);
  const [people, asked, posted] = [browsers(target), asking(target, endpoints), posting(endpoints)];
  let honest: Promise<Visitor> | undefined;
  let metadata: ReturnType<typeof metadataOf> | undefined;
  const obtainCode: AttackContext['obtainCode'] = async (client, changes) => {
    honest ??= people.visitor(); // one login for all attacks: a login may be slow, and the server may limit logins
    const visitor = await honest;
    const { page, ...request } = await asked.authorize(visitor, client, changes);
    const answer = await asked.allow(visitor, page);
    const code = answerIn(answer).get('code');
    if (code === null)
      throw new Error(
        `An honest request of ${client.client_id} to ${endpoints.authorization} gives no code: ${describePage(answer)}`,
      );
    return { ...request, code, location: answer.location ?? '' };
  };
  return {
    target,
    endpoints,
    ...people,
    ...asked,
    ...posted,
    obtainCode,
    metadata() {
      metadata ??= metadataOf(target);
      return metadata;
    },
    async wait(seconds) {
      await (target.wait ? target.wait(seconds) : sleep(seconds * 1000));
    },
    async obtainTokens(client, changes) {
      const page = await posted.exchange(client, await obtainCode(client, changes));
      const tokens = membersOf(page);
      if (page.status === 200 && typeof tokens['access_token'] === 'string') return tokens;
      throw new Error(`An honest exchange of ${client.client_id} gives no token: ${describePage(page)}`);
    },
  };
}
