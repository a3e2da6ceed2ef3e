import createDebug from 'debug';
import type { Middleware } from 'koa';
import { identifierIn, isText, listOf } from '../clients/member.js';
import { clientIDOf, redirectURIsOf } from '../clients/registration.js';
import { subjectOf } from '../clients/subject.js';
import { epoch } from '../clock.js';
import type { AllowedOrigins, Core, Endpoint, Layer, ServerOptions } from '../core.js';
import { requireOrigins } from '../http/cors.js';
import type {
  ErrorResponder,
  Exchange,
  Extension,
  Grant,
  RequestParser,
  ResponseMode,
  TransactionStore,
} from '../plugs.js';
import { formPost } from '../response-mode/form-post.js';
import { fragment } from '../response-mode/fragment.js';
import { query } from '../response-mode/query.js';
import { random } from '../secrets/random.js';
import { identification } from '../syntax/issuer.js';
import { responseTypeKey, responseTypeWords } from '../syntax/response-type.js';
import { Answered } from '../transaction/answered.js';
import { serverNameOf } from '../transaction/server-name.js';
import { sessionTransactions } from '../transaction/session.js';
import { bounded } from '../transaction/waiting.js';
import type { Awaitable } from '../types.js';
import { Declared } from './declared.js';
import { ServerLocations } from './locations.js';
import { isByHand, requireNoPromise } from './shape.js';

const debug = createDebug('koauthorize:register');

/** How many servers this process has made. */
let made = 0;

/** Functions that pass on what they do not know. */
type Chain<A, R> = ((value: A) => Awaitable<R | null | undefined | false>)[];

/** What is plugged in. No protocol. */
export class Registry<C, U> implements Core<C, U> {
  readonly extensions: Extension<C, U>[] = [];
  readonly endpoints: Endpoint<C, U>[] = [];
  readonly grants = new Map<string, Grant<C, U>>();
  readonly exchanges = new Map<string, Exchange<C>>();
  readonly responseModes = new Map<string, ResponseMode>([query, fragment, formPost].map((mode) => [mode.name, mode]));
  readonly requestParsers: Layer<RequestParser>[] = [];
  readonly responders: Layer<Grant<C, U> | Middleware>[] = [];
  readonly errorResponders: Layer<ErrorResponder>[] = [];
  readonly exchangers: Layer<Exchange<C> | Middleware>[] = [];
  readonly serializers: Chain<C, unknown> = [];
  readonly deserializers: Chain<unknown, C> = [];
  readonly transactions: TransactionStore;
  readonly answered: Answered;
  readonly locations: ServerLocations;
  readonly allowOrigins: AllowedOrigins | undefined;
  readonly #declared = new Declared();
  readonly #options: ServerOptions<C, U>;
  readonly #place: number;
  /** What names the issuer in responses, until an extension does. */
  readonly #identification: Extension<C, U> | undefined;

  constructor(options: ServerOptions<C, U> = {}) {
    this.#options = options;
    made += 1;
    this.#place = made;
    this.transactions = options.transactions ? bounded(options.transactions) : sessionTransactions();
    this.answered = new Answered(() => this.now());
    this.locations = new ServerLocations(options);
    this.allowOrigins = options.allowOrigins;
    requireOrigins(options.allowOrigins);
    this.#identification = options.issuer === undefined ? undefined : identification(options.issuer);
    if (this.#identification) this.extensions.push(this.#identification);
  }

  get statuses(): ReadonlyMap<string, number> {
    return this.#declared.statuses;
  }

  get issuer(): string | undefined {
    return this.locations.issuer;
  }

  get name(): string {
    return serverNameOf(this, this.#options.name, this.#place);
  }

  clientID(client: C): string | undefined {
    return identifier('clientID', this.#options.clientID ? this.#options.clientID(client) : clientIDOf(client));
  }

  redirectURIs(client: C): readonly string[] | undefined {
    const { redirectURIs } = this.#options;
    if (!redirectURIs) return redirectURIsOf(client);
    const registration = { client_id: this.clientID(client), redirect_uris: redirectURIs(client) };
    return listOf(registration, 'redirect_uris', isText);
  }

  anyPortForLocalhost(client: C): boolean {
    const { anyPortForLocalhost: option } = this.#options;
    const said = typeof option === 'function' ? option(client) : option;
    requireNoPromise('anyPortForLocalhost', said);
    return said === true;
  }

  subject(user: U): string | undefined {
    return identifier('subject', this.#options.subject ? this.#options.subject(user) : subjectOf(user));
  }

  now(): number {
    const now = (this.#options.now ?? epoch)();
    if (!Number.isFinite(now)) throw new TypeError(`createServer({ now }) must give epoch seconds, not ${now}`); // else nothing would ever expire
    return now;
  }

  uid(length: number): string {
    return random(Math.ceil((length * 3) / 4)).slice(0, length);
  }

  addGrant(grant: Grant<C, U>): void {
    const type = responseTypeKey(grant.name);
    refuseSecond(this.grants, type, 'A grant for response type');
    this.grants.set(type, grant);
    const { request, response, error } = grant;
    if (isByHand(request)) this.requestParsers.push({ type, handle: request });
    this.responders.push({ type, handle: isByHand(response) ? response : grant });
    if (error) this.errorResponders.push({ type, handle: error });
    debug('grant %s', type);
  }

  addExchange(exchange: Exchange<C>): void {
    refuseSecond(this.exchanges, exchange.name, 'An exchange for grant type');
    this.exchanges.set(exchange.name, exchange);
    this.exchangers.push({ type: exchange.name, handle: exchange });
    debug('exchange %s', exchange.name);
  }

  addExtension(extension: Extension<C, U>): void {
    const earlier = this.extensions.findIndex((other) => other.name === extension.name);
    const isDefault = earlier >= 0 && this.extensions[earlier] === this.#identification;
    if (earlier >= 0 && !isDefault) throw new Error(`An extension ${extension.name} is plugged in already`);
    const said = extension.metadata?.() ?? {};
    if (said.issuer !== undefined) this.locations.nameIssuer(said.issuer, extension.name);
    this.#declared.add(extension, said);
    if (isDefault) this.extensions.splice(earlier, 1);
    for (const grant of extension.grants ?? []) this.addGrant(grant);
    for (const exchange of extension.exchanges ?? []) this.addExchange(exchange);
    for (const mode of extension.responseModes ?? []) {
      refuseSecond(this.responseModes, mode.name, 'A response mode');
      this.responseModes.set(mode.name, mode);
    }
    this.extensions.push(extension);
    debug('extension %s', extension.name);
  }

  /** @throws Error when one of the words of the type is not registered */
  grantsOf(type: string): Grant<C, U>[] {
    return responseTypeWords(type).map((word) => {
      const grant = this.grants.get(word);
      if (!grant) throw new Error(`No grant for response type ${word} is registered to answer ${type}`);
      return grant;
    });
  }

  async serializeClient(client: C): Promise<unknown> {
    for (const serialize of this.serializers) {
      const serialized = await serialize(client);
      if (serialized) return serialized;
    }
    throw new Error('Failed to serialize client. Register serialization function using serializeClient().');
  }

  async deserializeClient(serialized: unknown): Promise<C | undefined> {
    for (const deserialize of this.deserializers) {
      const client = await deserialize(serialized);
      if (client) return client;
      if (client === null || client === false) return undefined;
    }
    throw new Error('Failed to deserialize client. Register deserialization function using deserializeClient().');
  }
}

/** @throws TypeError for what identifies nobody, such as a promise, or an empty text: all who have it would be one */
function identifier(option: 'clientID' | 'subject', given: unknown): string | undefined {
  const id = identifierIn(given);
  const isNone = id === '' || (id === undefined && given !== undefined && given !== null);
  if (isNone) throw new TypeError(`createServer({ ${option} }) must give a string that is not empty`);
  return id;
}

function refuseSecond(map: ReadonlyMap<string, unknown>, key: string, what: string): void {
  if (map.has(key)) throw new Error(`${what} ${key} is registered already`);
}
