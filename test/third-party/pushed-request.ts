/**
 * An extension of a third party, on public names alone: clients push an authorization request, and send their user along with a reference to it. It
 * shows what `koauthorize/extending` is for. For the specification of this idea see RFC 9126.
 */
import { AuthorizationError, type AuthorizationRequest, type Core, ForbiddenError, type Plug } from 'koauthorize';
import {
  answerJSON,
  clientOf,
  type EphemeralStore,
  judgeAuthorizationRequest,
  noStore,
  random,
  readPostedParams,
} from 'koauthorize/extending';

declare module 'koauthorize' {
  interface ServerMetadata {
    /** Where requests are pushed to. */
    readonly pushed_request_endpoint?: string;
  }
}

export interface PushedRequestOptions {
  /** Seconds within which a reference must be opened. Default 60. */
  readonly lifetime?: number;
}

/** What is kept of a request. */
interface Pushed {
  readonly request: AuthorizationRequest;
  /** Epoch seconds until which it may be opened. */
  readonly until: number;
}

/** Seconds for which a dialog that was opened in time may wait. */
const DIALOG = 600;

function ephemeralOf<C, U>({ tokens }: Core<C, U>): EphemeralStore {
  if (!tokens) throw new Error('pushedRequest() needs createServer({ tokens }): it keeps requests there');
  return tokens.ephemeral;
}

/** `router.post('/pushed', authenticateClient, server.endpoint(pushedRequest()))` */
export function pushedRequest<C, U>({ lifetime = 60 }: PushedRequestOptions = {}): Plug<C, U> {
  return (core) => {
    const find = async (reference: string) => (await ephemeralOf(core).get(reference)) as Pushed | undefined;
    return {
      name: 'pushed-request',
      parameters: ['request_ref'],
      ready: ephemeralOf,
      authorization: {
        async resolve(params) {
          const reference = params.get('request_ref');
          if (reference === undefined) return undefined;
          const pushed = await find(reference);
          if (!pushed || core.now() >= pushed.until)
            throw new AuthorizationError('The pushed request is unknown, used or too old', 'invalid_request');
          return { judged: { ...pushed.request, reference } };
        },
        recall: async (reference) => (await find(reference))?.request,
        async take({ req: { reference } }) {
          if (reference !== undefined && (await ephemeralOf(core).take(reference)) === undefined)
            throw new ForbiddenError('The pushed request was answered already');
        },
      },
      routes: {
        pushed_request: {
          path: '/pushed',
          methods: ['POST'],
          clientAuthenticated: true,
          cors: 'allowed-origins',
          listedAs: 'pushed_request_endpoint',
          async handler(ctx) {
            noStore(ctx);
            const params = await readPostedParams(ctx, core.parameters);
            const { client } = clientOf(core, ctx, params, 'user');
            const request = await judgeAuthorizationRequest(core, ctx, { client, params });
            const reference = random(32);
            const until = core.now() + lifetime;
            await ephemeralOf(core).add(reference, { request, until } satisfies Pushed, until + DIALOG);
            ctx.status = 201;
            answerJSON(ctx, { request_ref: reference, expires_in: lifetime });
          },
        },
      },
    };
  };
}
