/** Grants and response types that profiles forbid. */
import { responseTypeWords } from '../../syntax/response-type.js';
import type { AnyCore, Rule } from '../rule.js';

/** The response types of a server that a rule forbids. */
function registered(core: AnyCore, isWrong: (type: string) => boolean) {
  const types = [...core.grants.keys()].filter(isWrong);
  return types.length > 0 ? { response_types: types } : undefined;
}

function hasToken(type: string): boolean {
  return responseTypeWords(type).includes('token');
}

export const implicitGrant: Rule = {
  name: 'implicit grant',
  forbids: 'an access token in the authorization response (`response_type=token`)',
  why: 'A token in a URL is in histories, logs and Referer headers; a token that was injected is not noticed; and a token cannot be bound to its client there',
  remedy: 'Take out grant.token: the code grant with pkce() is for programs in browsers, too',
  message: 'The response type must not contain token',
  errors: { authorization: 'unsupported_response_type' },
  configuration: (core) => registered(core, hasToken),
  request: ({ request: { type } }) => (hasToken(type) ? { response_type: type } : undefined),
};

export const codeOnly: Rule = {
  name: 'response type',
  forbids: 'a response type other than `code`',
  why: 'What is in an authorization response passes through the browser, where others can read it and put other values in its place',
  remedy:
    'Plug in grant.code only, without combinations such as code id_token: the ID token comes with the access token',
  message: 'The response type must be code',
  errors: { authorization: 'unsupported_response_type' },
  configuration: (core) => registered(core, (type) => type !== 'code'),
  request: ({ request: { type }, isWithoutBrowser }) =>
    type === 'code' || isWithoutBrowser ? undefined : { response_type: type },
};

export const passwordGrant: Rule = {
  name: 'password grant',
  forbids: "a user's own password in a token request (`grant_type=password`)",
  why: 'The client sees the password, users learn to type it anywhere, and a second factor is not possible',
  remedy: 'Take out exchange.password: users log in at the authorization endpoint',
  message: 'The password grant is not for this client',
  errors: { token: 'unauthorized_client' },
  configuration: ({ exchanges }) => (exchanges.has('password') ? { grant_types: ['password'] } : undefined),
  tokenRequest: ({ grantType }) => (grantType === 'password' ? { grant_type: grantType } : undefined),
};

export const exchangeByHand: Rule = {
  name: 'exchange by hand',
  forbids: 'a middleware that answers token requests by hand',
  why: 'The checks of extensions do not run before it, so its tokens may be bound to no key and given to any client',
  remedy: 'server.exchange(exchange.…({ redeem, issue })), or an Exchange of your own',
  part({ exchangers }) {
    const byHand = exchangers.filter(({ handle }) => typeof handle === 'function');
    return byHand.length > 0 ? { grant_types: byHand.map(({ type = '*' }) => type) } : undefined;
  },
};
