/** An authorization server where services exchange the tokens that they are sent. Its user is alice. */

import { type TokenExchangeOptions, tokenExchange } from 'koauthorize';
import request from 'supertest';
import { type App, CALLBACK, CLIENT, ISSUER, OTHER, type Params } from './authorization-server.js';
import { encode } from './form.js';
import { type PluggedSetup, pluggedServer } from './plugged-server.js';

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const TYPE = 'urn:ietf:params:oauth:token-type:';
export const ACCESS_TOKEN = `${TYPE}access_token`;

const service = (client_id: string): App => ({ client_id, client_name: client_id, redirect_uris: [CALLBACK] });
/** Services that are sent tokens of users, and call the next one. */
export const [ORDERS, STOCK, PRINTER] = [service('orders'), service('stock'), service('printer')];

export interface ExchangeSetup extends PluggedSetup {
  readonly exchange?: Partial<TokenExchangeOptions<App>>;
}

export function exchangeServer({ exchange, plugs = [], ...setup }: ExchangeSetup = {}) {
  /** What `allow` was asked. */
  const asked: Parameters<TokenExchangeOptions<App>['allow']>[0][] = [];
  const made = pluggedServer({
    clients: [CLIENT, OTHER, ORDERS, STOCK, PRINTER],
    ...setup,
    plugs: [
      ...plugs,
      tokenExchange<App>({
        ...exchange,
        allow(request) {
          asked.push(request);
          return exchange?.allow ? exchange.allow(request) : {};
        },
      }),
    ],
    options: { issuer: ISSUER, ...setup.options },
  });
  /** What a service asks for with a token that it was sent. */
  const swap = (subject: string, more: Params = {}, by: App = ORDERS) =>
    request(made.app.callback())
      .post('/token')
      .auth(by.client_id, `${by.client_id}-secret`)
      .type('form')
      .send(encode({ grant_type: TOKEN_EXCHANGE, subject_token: subject, subject_token_type: ACCESS_TOKEN, ...more }));
  const swapped = async (subject: string, more: Params = {}, by: App = ORDERS) =>
    (await swap(subject, more, by).expect(200)).body;
  return { ...made, asked, swap, swapped };
}
