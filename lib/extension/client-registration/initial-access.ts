/** Who may register. @see RFC 7591 §3, RFC 6750 */
import type { Context } from 'koa';
import type { AccessToken } from '../../access-token.js';
import type { Core } from '../../core.js';
import { admissionOf } from '../../resource-server/admission.js';
import { guard } from '../../resource-server/guard.js';
import { formatScope } from '../../syntax/scope.js';
import type { AcceptInitialAccess, ClientRegistrationOptions, InitialAccessTokens } from './options.js';

/** What is known of a request that may register a client. */
export interface Admitted {
  readonly ctx: Context;
  readonly initialAccessToken?: string | undefined;
  readonly token?: AccessToken | undefined;
}

/** Calls `next` for a request that may register, and answers all others: 401, or 403 for a token without the scope. */
export type Admit = (ctx: Context, next: (admitted: Admitted) => Promise<void>) => Promise<void>;

/** An initial access token that is no OAuth access token: it has no scope and no claims. */
interface Initial extends AccessToken {
  readonly sent: string;
}

function tokensOf(access: AcceptInitialAccess | InitialAccessTokens): InitialAccessTokens {
  if (typeof access !== 'function') return access;
  return { verify: async (token, ctx) => (await access(token, ctx)) === true && { scope: [] }, scope: [] };
}

export function admitter<C, U>(core: Core<C, U>, { initialAccess }: ClientRegistrationOptions): Admit {
  if (!initialAccess) return (ctx, next) => next({ ctx });
  const { verify, scope } = tokensOf(initialAccess);
  const guarded = guard<Initial>({
    async verify(sent, ctx) {
      const token = (await verify(sent, ctx)) || undefined;
      return token && { ...token, sent };
    },
    presentation: {},
    params: { realm: 'registration', scope: formatScope(scope) },
    scope,
    proofs: [],
    now: () => core.now(),
    audienceFault: () => undefined,
  });
  return (ctx, next) =>
    guarded(ctx, () => {
      const { sent, ...token } = admissionOf(ctx, 'registration').token as Initial;
      return next({ ctx, initialAccessToken: sent, token: typeof initialAccess === 'function' ? undefined : token });
    });
}
