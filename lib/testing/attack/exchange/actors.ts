/** Attacks on `act` and `may_act`, which tell who acts for whom. */
import { type Attack, skipped, succeeded, withstood } from '../attack.js';
import { unsigned } from '../signed/jwt.js';
import { tokenIn } from '../token/answer.js';
import { ACCESS_TOKEN, lookInto, obtain, swap, TYPE, withExchange } from './present.js';

const FORGED = 'somebody-else';

const exchangeActorForgery: Attack = {
  name: 'exchange-actor-forgery',
  title: 'a service chooses the actor itself, by a forged actor token or by claims in the request',
  clause: 'RFC 8693 §2.2.2, §4.1',
  run: (context) =>
    withExchange(context, async ({ client, service }) => {
      const { token } = await obtain(context, client);
      const about = { iss: context.target.issuer, sub: FORGED, exp: Math.floor(Date.now() / 1000) + 600 };
      for (const type of [ACCESS_TOKEN, `${TYPE}jwt`, `${TYPE}id_token`]) {
        const actor = { actor_token: unsigned({}, about), actor_token_type: type };
        if (tokenIn(await swap(context, service, token, actor)) !== undefined)
          return succeeded(`an actor token that nobody signed counted as ${type}`);
      }
      const act = JSON.stringify({ sub: FORGED });
      const own = tokenIn(
        await swap(context, service, token, { act, claims: JSON.stringify({ act: { sub: FORGED } }) }),
      );
      const said = own === undefined ? {} : await lookInto(context, service, own);
      return JSON.stringify(said['act'])?.includes(FORGED) ? succeeded('act is what the request says') : withstood;
    }),
};

const exchangeMayActIgnored: Attack = {
  name: 'exchange-may-act-ignored',
  title: 'a service exchanges a token whose may_act names another service',
  clause: 'RFC 8693 §4.4',
  run: (context) =>
    withExchange(context, async ({ exchange, client, service }) => {
      if (!exchange.reservedToken) return skipped('the exchange of the target has no reservedToken');
      const reserved = await exchange.reservedToken();
      const { token: own } = await obtain(context, client);
      const actor = { actor_token: own, actor_token_type: ACCESS_TOKEN };
      for (const [what, changes] of [
        ['a token whose may_act names another one was exchanged', {}],
        ['the token of a user counted as the actor whom may_act names', actor],
      ] as const)
        if (tokenIn(await swap(context, service, reserved, changes)) !== undefined) return succeeded(what);
      return withstood;
    }),
};

export const actorAttacks: readonly Attack[] = [exchangeActorForgery, exchangeMayActIgnored];
