/** Reads and checks the form of a registration. redirect-uris.ts checks the redirect URIs. */
import { type App, type Registration, SECRET_METHODS } from '../clients.js';
import { isName } from '../names.js';
import { readRedirectURIs } from '../redirect-uris.js';
import type { RegistrationModel } from '../views/index.js';

export interface Problem {
  readonly problem: string;
  readonly field: 'name' | 'uris' | 'type' | 'method' | 'pkce';
}

type Fields = ReadonlyMap<string, string>;

export interface Rules {
  readonly issuer: string;
  isTaken(name: string): boolean;
}

/** @param type the type of the client that is changed. For a new client, the form has the type */
export function readRegistration(
  fields: Fields,
  { isTaken, issuer }: Rules,
  type: string | undefined = fields.get('type'),
): Registration | Problem {
  const name = fields.get('client_name')?.trim() ?? '';
  if (isTaken(name)) return { field: 'name', problem: 'Another application has this name.' };
  if (!isName(name))
    return {
      field: 'name',
      problem: 'A name must have 1 to 60 visible characters, and begin with a letter or digit.',
    };
  if (type !== 'confidential' && type !== 'public') return { field: 'type', problem: 'Choose what the client is.' };
  const uris = readRedirectURIs(fields.get('redirect_uris') ?? '', type, issuer);
  if (typeof uris === 'string') return { field: 'uris', problem: uris };
  const [wanted = '', pkce] = [fields.get('method'), fields.get('pkce')];
  const method = SECRET_METHODS.find((one) => one === wanted);
  if (type === 'public' && pkce) return { field: 'pkce', problem: 'A client without a secret must use PKCE.' };
  if (type === 'public') return { name, uris, type };
  if (wanted && !method) return { field: 'method', problem: 'Choose one of the ways to send the secret.' };
  return { name, uris, type, method, pkce: pkce ? 'may be missing' : undefined };
}

type Values = NonNullable<RegistrationModel['values']>;

/** The most characters that are kept of a field with a problem. Every valid field is shorter. */
const LONGEST = 6000;

/** The values that the user typed. */
export function valuesIn(fields: Fields): Values {
  const said = (key: string): string => (fields.get(key) ?? '').slice(0, LONGEST);
  const [name, uris, type] = [said('client_name'), said('redirect_uris'), said('type')];
  return { name, uris, type, method: said('method'), pkce: said('pkce') };
}

/** The values of a registration, for the form. */
export function valuesOf({
  client_name: name,
  redirect_uris,
  token_endpoint_auth_method: method = '',
  pkce,
}: App): Values {
  const isPublic = method === 'none';
  const type = isPublic ? 'public' : 'confidential';
  return { name, uris: redirect_uris.join('\n'), type, method: isPublic ? '' : method, pkce: pkce ?? '' };
}
