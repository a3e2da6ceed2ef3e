import type { Context, Middleware } from 'koa';
import type { AnyImmediate, Complete, Validate, Validated, ValidateRequest } from '../callbacks.js';
import { trust, trustIfAny } from '../clients/redirect-uri.js';
import type { Core } from '../core.js';
import { AuthorizationError } from '../errors/authorization-error.js';
import { debugAbout } from '../errors/debug.js';
import { reasoned } from '../errors/reason.js';
import { relaxationsOf } from '../findings.js';
import { draw } from '../http/draw.js';
import { reach } from '../http/endpoint-of.js';
import { named } from '../http/named.js';
import { refuse } from '../http/params.js';
import { noteProtocol } from '../http/plain.js';
import { requireCount } from '../options.js';
import { requireNoPromise } from '../promise.js';
import { isAnsweredByHand } from '../registry/layers.js';
import { requireCallback, splitOptions, takesRequest } from '../registry/shape.js';
import type { AuthorizationRequest, RedirectURI, Transaction } from '../types.js';
import { ask, mergeLocals } from './ask.js';
import { setCurrentTransaction } from './current-transaction.js';
import { allowAtOnce } from './decide.js';
import { judgeRequest } from './judge.js';
import { AUTHORIZATION_OPTIONS } from './known.js';
import { noteNobody } from './nobody.js';
import { RELAXATIONS, type TransactionMiddlewareOptions, userOf } from './options.js';
import { repeatIfFromElsewhere } from './posted.js';
import { promptsOf } from './prompts.js';
import { type RawRequest, type RequestOptions, readRequest, requireClient } from './request.js';
import { wait } from './wait.js';

const debug = debugAbout('authorization');

/** In characters of 6 bits: 132 bits. The ID is the dialog's CSRF token. */
const SHORTEST_ID = 22;

/** The ID is sent in URLs, forms and headers, whose lengths are limited. */
const LONGEST_ID = 256;

/** Options of `server.authorization()`. */
export interface AuthorizationOptions extends RequestOptions {
  /** The length of a transaction's ID in characters of 6 bits: 22 to 256. A smaller number counts as 22. Default 22. */
  readonly idLength?: number;
}

export type AnyValidate<C> = Validate<C> | ValidateRequest<C>;

/** As in oauth2orize, errors of `validate` may say whether they are sent to the client. */
interface Addressed<C> {
  readonly client?: C;
  readonly redirectURI?: string;
}

interface ValidatedClient<C> {
  readonly client: C;
  readonly given: string | undefined;
  readonly webOrigin: string | undefined;
}

/** Why there is no client. A `validate` of one parameter is given the request: if it expects the identifier, it finds no client. */
function whyNone<C>(validate: AnyValidate<C>): string {
  return takesRequest(validate)
    ? `validate gave no client. It declares ${validate.length} parameters, so it was given the whole request (areq), where areq.clientID is the client's identifier. One that declares (clientID, redirectURI) is given these`
    : 'validate gave no client';
}

function noClient(why: string, { clientID, redirectURI }: AuthorizationRequest): AuthorizationError {
  const error = new AuthorizationError('Unauthorized client', 'unauthorized_client');
  return reasoned(error, why, { client: clientID, redirect_uri: redirectURI });
}

async function validated<C>(validate: AnyValidate<C>, areq: AuthorizationRequest): Promise<ValidatedClient<C>> {
  const { clientID, redirectURI, scope, type } = areq;
  const result = takesRequest(validate)
    ? await (validate as ValidateRequest<C>)(areq)
    : await (validate as Validate<C>)(clientID, redirectURI, scope, type, areq);
  if (result && !Array.isArray(result)) throw new TypeError('validate must give [client, redirectURI], or false');
  const [client, given, webOrigin] = (result || []) as Partial<Validated<C>>;
  requireNoPromise('validate', client, given); // a promise of a client has no registration to compare with
  if (given && typeof given !== 'string') throw new TypeError('validate gives the redirect URI as text');
  if (!client) throw noClient(whyNone(validate), areq);
  return { client, given, webOrigin };
}

/**
 * The redirect URI, compared with the registration. If there is none, and a parameter came several times, the error names this parameter: it may be the reference to
 * a request that contains the redirect URI. @throws OAuth2Error
 */
function trusted<C, U>(
  core: Core<C, U>,
  client: C,
  { areq, refused }: RawRequest,
  given: string | undefined,
): RedirectURI {
  try {
    return (isAnsweredByHand(core, areq.type) ? trustIfAny : trust)(core, client, areq.redirectURI, given);
  } catch (error) {
    const [repeated] = refused;
    throw areq.redirectURI === undefined && repeated !== undefined ? refuse(repeated) : error;
  }
}

/** Begins a transaction: the application says who the client is, and its redirect URI becomes trusted. */
async function begin<C, U>(
  core: Core<C, U>,
  ctx: Context,
  request: RawRequest,
  validate: AnyValidate<C>,
  options: TransactionMiddlewareOptions,
): Promise<Transaction<C, U>> {
  const { areq } = request;
  const transactionFor = ({ client, given, webOrigin }: ValidatedClient<C>): Transaction<C, U> => {
    const redirectURI = trusted(core, client, request, given);
    const locals = mergeLocals(ctx.state['locals'], undefined);
    const txn: Transaction<C, U> = { client, redirectURI, webOrigin, req: areq, user: userOf(ctx, options), locals };
    setCurrentTransaction(core, ctx, txn, options);
    return txn;
  };
  try {
    return transactionFor(await validated(validate, areq));
  } catch (error) {
    const { client, redirectURI } = (error ?? {}) as Addressed<C>;
    if (client && redirectURI) transactionFor({ client, given: redirectURI, webOrigin: undefined });
    throw error;
  }
}

/**
 * Answers authorization requests: reads the request, has the application validate the client, and either responds at once, if
 * `immediate` allows it, or stores a transaction and calls the next middleware to draw the dialog.
 *
 * @see RFC 6749 §3.1, §4.1.1
 */
function authorization<C, U>(
  core: Core<C, U>,
  options: AuthorizationOptions,
  { validate, immediate, complete }: Callbacks<C, U>,
): Middleware {
  const idLength = Math.max(options.idLength ?? 0, SHORTEST_ID);
  return named('authorization', async (ctx, next) => {
    core.start();
    reach(ctx, 'authorization');
    noteProtocol(ctx, core.issuer);
    if (ctx.method === 'POST' && (await repeatIfFromElsewhere(core, ctx))) return;
    const request = await readRequest(core, ctx, options);
    requireClient(request);
    const txn = await begin(core, ctx, request, validate, options);
    txn.req = await judgeRequest(core, ctx, txn.client, request, options);
    txn.prompts = await promptsOf(core, txn);
    const answer = await ask(txn, immediate);
    if (answer.allow) {
      debug('allowed at once: client %s', request.areq.clientID);
      return allowAtOnce(core, ctx, txn, answer, options, complete);
    }
    await wait(core, ctx, txn, answer, options, { save: 'store', transactionID: core.uid(idLength) });
    debug('the resource owner is asked: client %s', request.areq.clientID);
    noteNobody(core, ctx, txn, options);
    await draw(ctx, next);
  });
}

/** The `validate` that is used if `createServer({ clients })` finds the clients: the redirect URI is compared with the registration. */
function validateBy<C, U>(core: Core<C, U>): ValidateRequest<C> {
  return async (areq) => {
    const client = await core.findClient(areq.clientID, 'may-be-new');
    if (!client) throw noClient('createServer({ clients }) found no client, nor did an extension', areq);
    return [client, areq.redirectURI];
  };
}

export interface Callbacks<C, U> {
  readonly validate: AnyValidate<C>;
  readonly immediate?: AnyImmediate<C, U> | undefined;
  readonly complete?: Complete<C, U> | undefined;
}

/** Reads the arguments: `(validate, immediate?, complete?)`, `(options, validate, immediate?, complete?)`, or options that contain the callbacks. */
function callbacksOf<C, U>(
  core: Core<C, U>,
  args: readonly unknown[],
): readonly [AuthorizationOptions, Callbacks<C, U>] {
  const [options, ...positional] = splitOptions<AuthorizationOptions & Partial<Callbacks<C, U>>>(
    'server.authorization',
    AUTHORIZATION_OPTIONS,
    args,
  );
  const { validate, immediate, complete, ...more } = options;
  requireCount('server.authorization({ idLength })', more.idLength ?? 0, 0, LONGEST_ID);
  const [first, second, third] = positional as [AnyValidate<C>?, AnyImmediate<C, U>?, Complete<C, U>?];
  const given = first ?? validate ?? (core.findsClients ? validateBy(core) : undefined);
  requireCallback('server.authorization', 'a validate function, or createServer({ clients })', given);
  return [more, { validate: given as AnyValidate<C>, immediate: second ?? immediate, complete: third ?? complete }];
}

/** The middleware of the authorization endpoint, from the arguments of `server.authorization`. @throws TypeError */
export function authorizationOf<C, U>(core: Core<C, U>, args: readonly unknown[]): Middleware {
  const [options, callbacks] = callbacksOf(core, args);
  core.reading.add(options);
  core.report(relaxationsOf('server.authorization', options, RELAXATIONS));
  return authorization(core, options, callbacks);
}
