/** Collects the evidence that the rules examine. */
import { clientIDOf, redirectURIsOf } from '../clients/registration.js';
import type { Core } from '../core.js';
import type { TokenStore } from '../token-service/store.js';
import { type Answers, answersOf } from './answers.js';
import { type Ask, type Asked, askInside, askOutside } from './ask.js';
import { type Announced, announcedAt, type Endpoints, endpointsOf, type Metadata } from './endpoints.js';
import {
  type DiagnoseOptions,
  type DiagnosisTarget,
  type ExaminedApp,
  type ExaminedSession,
  isProduction,
} from './target.js';

/** A registered client, with its identifier and redirect URIs as the server reads them. */
export interface ExaminedClient {
  readonly id: string;
  readonly redirectURIs: readonly string[];
  /** What the application has registered. */
  readonly registration: object;
}

/** What the rules look at. A member that is not available is undefined. */
export interface Evidence {
  readonly isProduction: boolean;
  /** Seconds to wait for an answer of the store. */
  readonly timeout: number;
  readonly core: Core<never, never> | undefined;
  /** Throws the first error of the configuration. */
  readonly check: (() => unknown) | undefined;
  readonly app: ExaminedApp | undefined;
  readonly clients: readonly ExaminedClient[] | undefined;
  readonly store: TokenStore | undefined;
  readonly session: ExaminedSession | undefined;
  /** The issuer identifier, by the configuration of the server or by `url`. */
  readonly issuer: string | undefined;
  readonly announced: Announced | undefined;
  readonly metadata: Metadata | undefined;
  readonly endpoints: Endpoints;
  readonly answers: Answers | undefined;
  /** Why a running server does not answer; undefined if it answers. */
  readonly unreachable: Error | undefined;
}

async function clientsOf({ clients, server }: DiagnosisTarget): Promise<readonly ExaminedClient[] | undefined> {
  if (clients === undefined) return undefined;
  const listed = typeof clients === 'function' ? await clients() : clients;
  const core = server?.core as Core<object> | undefined;
  return [...listed].map((registration) => ({
    id: (core ? core.clientID(registration) : clientIDOf(registration)) ?? 'a client without client_id',
    redirectURIs: (core ? core.redirectURIs(registration) : redirectURIsOf(registration)) ?? [],
    registration,
  }));
}

/** The identifiers of clients that do not authenticate, by `token_endpoint_auth_method`. */
function publicIn(clients: readonly ExaminedClient[] | undefined): readonly string[] {
  const isPublic = ({ registration }: ExaminedClient): boolean =>
    Reflect.get(registration, 'token_endpoint_auth_method') === 'none';
  return (clients ?? []).filter(isPublic).map(({ id }) => id);
}

/** Asks the URL, or the application on a port of its own. */
async function askerFor({ app, url }: DiagnosisTarget, timeout: number): Promise<Asked | undefined> {
  if (url !== undefined) return askOutside(timeout);
  return app && askInside(app, timeout);
}

async function asked(ask: Ask | undefined, core: Evidence['core'], issuer: string | undefined, ids: readonly string[]) {
  if (!ask || issuer === undefined) return { announced: undefined, endpoints: {}, answers: undefined };
  const announced = await announcedAt(ask, issuer);
  const endpoints = endpointsOf(announced.metadata, core, issuer);
  return { announced, endpoints, answers: await answersOf(ask, endpoints, ids) };
}

/** The issuer that is assumed for an application without one. */
const NO_ISSUER = 'http://localhost';

export async function collect(target: DiagnosisTarget, options: DiagnoseOptions): Promise<Evidence> {
  const { server, app, store, sessionOptions: session, url } = target;
  const { timeout = 5 } = options;
  const clients = await clientsOf(target);
  const core = server?.core as Evidence['core'];
  const issuer = url ?? core?.issuer;
  const inside = await askerFor(target, timeout);
  try {
    const found = await asked(inside?.ask, core, issuer ?? NO_ISSUER, publicIn(clients));
    return {
      isProduction: isProduction(target, options),
      ...{ timeout, app, clients, store, session, issuer },
      core,
      check: server && (() => server.check()),
      metadata: found.announced?.metadata,
      unreachable: found.announced?.answer ? undefined : inside?.failure(),
      ...found,
    };
  } finally {
    await inside?.stop();
  }
}
