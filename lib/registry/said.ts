import { identifierIn, isText, listOf } from '../clients/member.js';
import { clientIDOf, redirectURIsOf } from '../clients/registration.js';
import { requireSubject, subjectOf } from '../clients/subject.js';
import { epoch } from '../clock.js';
import type { AllowedOrigins } from '../core.js';
import { type Finding, relaxationsOf } from '../findings.js';
import { requireOrigins } from '../http/cors.js';
import { requireKnown } from '../options.js';
import type { ConnectedTokens, SigningKeys, TransactionStore } from '../plugs.js';
import { requireNoPromise } from '../promise.js';
import { random } from '../secrets/random.js';
import type { ServerOptions } from '../server-options.js';
import { Answered } from '../transaction/answered.js';
import { sessionTransactions } from '../transaction/session.js';
import { bounded } from '../transaction/waiting.js';
import type { AuthenticationEvent, Awaitable } from '../types.js';
import { requireEvent } from './authentication-event.js';
import { SERVER_OPTIONS } from './known.js';
import { ServerLocations } from './locations.js';
import { RELAXATIONS } from './report.js';
import { requireMember } from './shape.js';

/** Functions that are called in order, until one of them gives something. */
type Chain<A, R> = ((value: A) => Awaitable<R | null | undefined | false>)[];

/** The options of `createServer`, with their defaults. */
export class Said<C, U> {
  readonly serializers: Chain<C, unknown> = [];
  readonly deserializers: Chain<unknown, C> = [];
  readonly transactions: TransactionStore;
  readonly answered: Answered;
  readonly locations: ServerLocations;
  readonly allowOrigins: AllowedOrigins | undefined;
  readonly keys: SigningKeys | undefined;
  readonly tokens: ConnectedTokens<C, U> | undefined;
  protected readonly options: ServerOptions<C, U>;
  /** The findings of parts that are not extensions. */
  readonly reported: Finding[];

  /** @throws TypeError for an option with a value that is not allowed */
  constructor(options: ServerOptions<C, U>) {
    requireKnown<ServerOptions<C, U>>(options, SERVER_OPTIONS, 'createServer');
    this.options = options;
    this.reported = [...relaxationsOf('createServer', options, RELAXATIONS)];
    this.transactions = options.transactions ? bounded(options.transactions) : sessionTransactions();
    options.transactions?.useClock?.(() => this.now());
    this.answered = new Answered(() => this.now());
    this.locations = new ServerLocations(options);
    this.allowOrigins = options.allowOrigins;
    requireOrigins(options.allowOrigins);
    requireNoPromise('createServer({ keys })', options.keys);
    requireMember('createServer({ clients })', '{ find: (id) => client }', options.clients, 'find');
    requireMember(
      'createServer({ tokens })',
      'a token service, such as tokenService({ store })',
      options.tokens,
      'useOnce',
    );
    this.keys = options.keys;
    this.tokens = options.tokens;
  }

  report(findings: readonly Finding[]): void {
    this.reported.push(...findings);
  }

  get issuer(): string | undefined {
    return this.locations.issuer;
  }

  clientID(client: C): string | undefined {
    return identifier('clientID', this.options.clientID ? this.options.clientID(client) : clientIDOf(client));
  }

  redirectURIs(client: C): readonly string[] | undefined {
    const { redirectURIs } = this.options;
    if (!redirectURIs) return redirectURIsOf(client);
    const registration = { client_id: this.clientID(client), redirect_uris: redirectURIs(client) };
    return listOf(registration, 'redirect_uris', isText);
  }

  anyPortForLocalhost(client: C): boolean {
    const { anyPortForLocalhost: option } = this.options;
    const said = typeof option === 'function' ? option(client) : option;
    requireNoPromise('anyPortForLocalhost', said);
    return said === true;
  }

  subject(user: U): string | undefined {
    const { subject } = this.options;
    const text = identifier('subject', subject ? subject(user) : subjectOf(user));
    return text === undefined
      ? undefined
      : requireSubject(text, subject ? 'createServer({ subject })' : "The user's id");
  }

  authenticationEvent(user: U): AuthenticationEvent | undefined {
    const event = this.options.authenticationEvent?.(user);
    requireNoPromise('createServer({ authenticationEvent })', event);
    return event && requireEvent(event, this.now(), 'createServer({ authenticationEvent })');
  }

  get knowsLogins(): boolean {
    return this.options.authenticationEvent !== undefined;
  }

  /** Whether clients can be found by their identifiers. */
  get findsClients(): boolean {
    return this.options.clients !== undefined;
  }

  get clientRegistry(): object | undefined {
    return this.options.clients ?? (this.findsClients ? this : undefined);
  }

  now(): number {
    const now = (this.options.now ?? epoch)();
    if (!Number.isFinite(now)) throw new TypeError(`createServer({ now }) must give epoch seconds, not ${now}`); // with NaN, nothing would ever expire
    return now;
  }

  uid(length: number): string {
    return random(Math.ceil((length * 3) / 4)).slice(0, length);
  }

  async serializeClient(client: C): Promise<unknown> {
    for (const serialize of this.serializers) {
      const serialized = await serialize(client);
      if (serialized) return serialized;
    }
    const id = this.findsClients ? this.clientID(client) : undefined;
    if (id !== undefined) return id;
    throw new Error(
      this.findsClients
        ? 'Failed to serialize client. It has no client_id: say createServer({ clientID })'
        : 'Failed to serialize client. Register serialization function using serializeClient().',
    );
  }
}

/** @throws TypeError for a value that identifies nobody, such as a promise or an empty text: all users or clients with this value would count as one */
function identifier(option: 'clientID' | 'subject', given: unknown): string | undefined {
  const id = identifierIn(given);
  const isNone = id === '' || (id === undefined && given !== undefined && given !== null);
  if (isNone) throw new TypeError(`createServer({ ${option} }) must give a string that is not empty`);
  return id;
}
