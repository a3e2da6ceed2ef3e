/** The attacks of koauthorize/testing, on one server. */
import { type AttackClient, type AttackTarget, type FormSubmission, type Page, runAttacks } from 'koauthorize/testing';
import { type App, webApp } from '../servers/clients.js';
import { otherApp } from './servers/world.js';
import type { Subject } from './subjects.js';

/** What attacks found that are not tried: here is why. */
export const NOT_TRIED: Readonly<Record<string, string>> = {
  clickjacking: 'the page is the application’s',
  'dialog-read-by-script': 'the page is the application’s',
  'session-fixation': 'the login is the application’s',
  'referrer-leak': 'the page is the application’s',
  'dialog-cached': 'the page is the application’s',
  'error-reflects-markup': 'the page is the application’s',
  'timing-of-secrets': 'it measures time, on a machine that has other work',
};

export interface Attacked {
  readonly name: string;
  readonly outcome: 'withstood' | 'succeeded' | 'skipped' | 'error';
  readonly detail: string;
}

function client(app: App, scope: string): AttackClient {
  const [redirect_uri = ''] = app.redirect_uris;
  const { client_id, client_secret, redirect_uris } = app;
  return { client_id, client_secret, redirect_uri, redirect_uris, scope };
}

/** The page says in JSON what a form would have. */
function consent(page: Page, decision: 'allow' | 'deny'): FormSubmission | undefined {
  const { transaction_id, prompt } = page.text.startsWith('{') ? JSON.parse(page.text) : {};
  if (typeof transaction_id !== 'string' || prompt === 'login') return undefined;
  const at = (path: string): string => new URL(path, page.url).href;
  const button = decision === 'allow' ? 'confirm' : 'cancel';
  if (prompt !== undefined) return { action: at(`/interaction/${transaction_id}/${button}`), fields: [] };
  const fields: [string, string][] = [['transaction_id', transaction_id]];
  return { action: at('/decision'), fields: decision === 'allow' ? fields : [...fields, ['cancel', 'Deny']] };
}

function targetOf({ dialog, login, endpoints, grace }: Subject, issuer: string): AttackTarget {
  const web = client(webApp, dialog.scope);
  const loggedIn =
    (user: string): AttackTarget['login'] =>
    (visitor) =>
      login(visitor, issuer, user);
  return {
    issuer,
    endpoints: Object.fromEntries(Object.entries(endpoints).map(([name, path]) => [name, issuer + path])),
    client: web,
    otherClient: client(otherApp, dialog.scope),
    login: loggedIn('alice'),
    loginOther: loggedIn('bob'),
    consent,
    grace,
  };
}

export async function attack(subject: Subject, origin: string): Promise<readonly Attacked[]> {
  const reports = await runAttacks(targetOf(subject, origin), { without: Object.keys(NOT_TRIED) });
  return reports.map(({ name, outcome, detail }) => ({ name, outcome, detail: detail.replaceAll(origin, '') }));
}
