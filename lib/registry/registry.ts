import type { Middleware } from 'koa';
import type { Core, Extension, KnownParameters, Layer, Plug, Route } from '../core.js';
import { debugAbout } from '../errors/debug.js';
import type {
  AccessTokenTerms,
  ClientTerms,
  ErrorResponder,
  Exchange,
  Grant,
  GrantModule,
  RequestParser,
  ResponseMode,
} from '../plugs.js';
import type { RefusalRule } from '../refusal-rule.js';
import { formPost } from '../response-mode/form-post.js';
import { fragment } from '../response-mode/fragment.js';
import { query } from '../response-mode/query.js';
import type { ServerOptions } from '../server-options.js';
import type { ClientLookup } from '../steps.js';
import { identification } from '../syntax/issuer.js';
import { responseTypeKey, responseTypeWords } from '../syntax/response-type.js';
import { serverNameOf } from '../transaction/server-name.js';
import { accessTokenTermsOf, clientFoundBy, clientTermsOf, deserializedBy, outwardSubjectOf } from './asked.js';
import { Declared } from './declared.js';
import { requireOwnPlaces } from './places.js';
import { EndpointReading } from './reading.js';
import { reportOf } from './report.js';
import { Said } from './said.js';
import { isByHand, isFactory, refuseSecond, requireExtension } from './shape.js';

const debug = debugAbout('register');

/** How many servers this process has made. */
let made = 0;

/** Everything that is plugged into a server. It contains no protocol logic. */
export class Registry<C, U> extends Said<C, U> implements Core<C, U> {
  readonly extensions: Extension<C, U>[] = [];
  readonly routes = new Map<string, Route>();
  readonly grants = new Map<string, Grant<C, U>>();
  readonly exchanges = new Map<string, Exchange<C>>();
  readonly responseModes = new Map<string, ResponseMode>([query, fragment, formPost].map((mode) => [mode.name, mode]));
  readonly requestParsers: Layer<RequestParser>[] = [];
  readonly responders: Layer<Grant<C, U> | Middleware>[] = [];
  readonly errorResponders: Layer<ErrorResponder>[] = [];
  readonly exchangers: Layer<Exchange<C> | Middleware>[] = [];
  readonly reading = new EndpointReading();
  readonly #declared = new Declared();
  readonly #place: number;
  /** Adds the issuer to responses, until the extension `issuer()` is plugged in and does so. */
  readonly #identification: Extension<C, U> | undefined;
  #isStarted = false;
  #name: string | undefined;

  constructor(options: ServerOptions<C, U> = {}) {
    super(options);
    made += 1;
    this.#place = made;
    this.#identification = options.issuer === undefined ? undefined : identification(options.issuer);
    if (this.#identification) this.extensions.push(this.#identification);
    this.tokens?.connect?.(this);
  }

  get statuses(): ReadonlyMap<string, number> {
    return this.#declared.statuses;
  }

  get refusals(): readonly RefusalRule[] {
    return this.#declared.refusals;
  }

  get parameters(): KnownParameters {
    return this.#declared;
  }

  get name(): string {
    return this.#name ?? serverNameOf(this, this.options.name, this.#place);
  }

  extension(name: string): Extension<C, U> | undefined {
    return this.extensions.find((extension) => extension.name === name);
  }

  start(): void {
    if (this.#isStarted) return;
    requireOwnPlaces(this);
    for (const extension of this.extensions) extension.ready?.(this);
    reportOf(this, this.reported);
    this.#name = this.name; // only for speed: it is derived from what is plugged in, which cannot change any more
    this.#isStarted = true;
  }

  /** @throws Error once the server was checked or has answered a request: the extensions have then seen the whole configuration */
  #requireNotStarted(what: string): void {
    if (this.#isStarted)
      throw new Error(`${what} came after server.check() or the first request: plug in everything before`);
  }

  addGrant(grant: Grant<C, U>): void {
    const type = responseTypeKey(grant.name);
    this.#requireNotStarted(`The grant for response type ${type}`);
    refuseSecond(this.grants, type, 'A grant for response type');
    this.grants.set(type, grant);
    const { request, response, error } = grant;
    if (isByHand(request)) this.requestParsers.push({ type, handle: request });
    this.responders.push({ type, handle: isByHand(response) ? response : grant });
    if (error) this.errorResponders.push({ type, handle: error });
    debug('grant %s', type);
  }

  /** Adds functions written by hand that read requests, respond, or respond to errors, for one response type or for all. */
  addByHand(type: string | undefined, { request, response, error }: Omit<GrantModule, 'name'>): void {
    this.#requireNotStarted(`A function by hand for response type ${type ?? '*'}`);
    if (request) this.requestParsers.push({ type, handle: request });
    if (response) this.responders.push({ type, handle: response });
    if (error) this.errorResponders.push({ type, handle: error });
  }

  /** Adds an exchange, or a middleware written by hand, that answers one grant type or all. */
  addExchanger(type: string | undefined, handle: Exchange<C> | Middleware): void {
    this.#requireNotStarted(`What exchanges grant type ${type ?? '*'}`);
    this.exchangers.push({ type, handle });
  }

  addExchange(exchange: Exchange<C>): void {
    this.#requireNotStarted(`The exchange for grant type ${exchange.name}`);
    refuseSecond(this.exchanges, exchange.name, 'An exchange for grant type');
    this.exchanges.set(exchange.name, exchange);
    this.exchangers.push({ type: exchange.name, handle: exchange });
    debug('exchange %s', exchange.name);
  }

  /** @returns the extension that was plugged in */
  addExtension(plug: Plug<C, U>): Extension<C, U> {
    const extension = isFactory(plug) ? plug(this) : plug;
    requireExtension(extension);
    this.#requireNotStarted(`The extension ${extension.name}`);
    const earlier = this.extensions.findIndex((other) => other.name === extension.name);
    if (earlier >= 0 && this.extensions[earlier] === extension) return extension; // a profile gives an extension that is plugged in already: see `unlessThere`
    const isDefault = earlier >= 0 && this.extensions[earlier] === this.#identification;
    if (earlier >= 0 && !isDefault) throw new Error(`An extension ${extension.name} is plugged in already`);
    for (const [name, route] of Object.entries(extension.routes ?? {})) this.#addRoute(name, route);
    const said = extension.metadata?.() ?? {};
    const listed = Object.values(extension.routes ?? {}).flatMap(({ listedAs }) => listedAs ?? []);
    if (said.issuer !== undefined) this.locations.nameIssuer(said.issuer, extension.name);
    this.#declared.add(extension, said, listed);
    if (isDefault) this.extensions.splice(earlier, 1);
    for (const grant of extension.grants ?? []) this.addGrant(grant);
    for (const exchange of extension.exchanges ?? []) this.addExchange(exchange);
    for (const mode of extension.responseModes ?? []) {
      refuseSecond(this.responseModes, mode.name, 'A response mode');
      this.responseModes.set(mode.name, mode);
    }
    this.extensions.push(extension);
    debug('extension %s', extension.name);
    return extension;
  }

  #addRoute(name: string, route: Route): void {
    refuseSecond(this.routes, name, 'An endpoint');
    this.locations.declare(name);
    if (route.url !== undefined) this.locations.place(name, route.url);
    this.routes.set(name, route);
  }

  /** The grants of the words of a response type. @throws Error if no grant is registered for a word */
  grantsOf(type: string): Grant<C, U>[] {
    return responseTypeWords(type).map((word) => {
      const grant = this.grants.get(word);
      if (!grant) throw new Error(`No grant for response type ${word} is registered to answer ${type}`);
      return grant;
    });
  }

  accessTokenTerms(audience: readonly string[]): AccessTokenTerms | undefined {
    return accessTokenTermsOf(this.extensions, audience);
  }

  clientTerms(client: C): ClientTerms {
    return clientTermsOf(this.extensions, client);
  }

  outwardSubject(subject: string, client: C): Promise<string> {
    return outwardSubjectOf(this.extensions, subject, client);
  }

  findClient(clientID: string, lookup: ClientLookup = 'must-be-known'): Promise<C | undefined> {
    const { clients } = this.options;
    return clientFoundBy(this.extensions, clients && ((id) => clients.find(id)), clientID, lookup);
  }

  override get findsClients(): boolean {
    return super.findsClients || this.extensions.some(({ client }) => client);
  }

  deserializeClient(serialized: unknown): Promise<C | undefined> {
    const find = (id: string) => this.findClient(id, 'may-be-new'); // an extension may have fetched the client when the dialog began, and may have to again
    return deserializedBy(this.deserializers, this.findsClients ? find : undefined, serialized);
  }
}
