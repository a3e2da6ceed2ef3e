/** The mechanism of profiles: a list of extensions, and an extension that enforces the rules of a document. */
import type { Core, Extension, Plug } from '../core.js';
import { AuthorizationError } from '../errors/authorization-error.js';
import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import type { Finding } from '../findings.js';
import type { ClientTerms } from '../plugs.js';
import type { RefusalRule } from '../refusal-rule.js';
import type { AuthorizationSteps, TokenSteps } from '../steps.js';
import { type ProfileFacts, requiredBinding } from './facts.js';
import type { AnyCore, Broken, Clause, Rule } from './rule.js';

/** What a profile is made of. */
export interface ProfileParts<C, U> extends ProfileFacts<C> {
  /** The function that the application calls, such as `fapi2`. */
  readonly name: string;
  readonly spec: string;
  readonly clauses: readonly Clause[];
  /** Whether the profile applies to all clients: then the configuration must not have what it forbids. */
  readonly isForAll: boolean;
  /** The extensions that it plugs in. */
  readonly plugs: readonly Plug<C, U>[];
  /** The relaxations among its options. */
  readonly relaxations: readonly Finding[];
}

function valuesIn(broken: NonNullable<Broken>): string {
  return Object.entries(broken)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
    .join(', ');
}

/** What is wrong with the configuration. */
function findingsOf<C, U>({ name, clauses, isForAll }: ProfileParts<C, U>, core: AnyCore): readonly Finding[] {
  return clauses.flatMap(({ rule, section }) => {
    const broken = rule.part?.(core) ?? (isForAll ? rule.configuration?.(core) : undefined);
    if (!broken) return [];
    const { name: about, forbids, why, remedy } = rule;
    const found = `${name}() forbids ${forbids} (${valuesIn(broken)})`;
    return [{ rule: `${name}: ${about}`, severity: 'error' as const, found, why, section, remedy }];
  });
}

/** What the operator is told about a refusal. It is found by the message of the rule, which no other rule has. */
function refusalsOf<C, U>({ name, clauses }: ProfileParts<C, U>): readonly RefusalRule[] {
  return clauses.flatMap(({ rule, section }) => {
    if (rule.message === undefined) return [];
    const id = `${name} ${rule.name}`.replace(/\W+/g, '-');
    const says = new RegExp(`^${rule.message.replace(/[.()]/g, '\\$&')}$`);
    const codes = new Set([toAuthorizationError(rule).code, toTokenError(rule).code]);
    return [...codes].map((error) => ({ rule: id, error, says, section, remedy: `${rule.remedy}.` }));
  });
}

/** Applies every rule. @throws the error that `refuse` makes for the first broken rule */
function judge<C, U>(
  { name, clauses }: ProfileParts<C, U>,
  ask: (rule: Rule) => Broken,
  refuse: (rule: Rule) => AuthorizationError | TokenError,
): void {
  for (const { rule, section } of clauses) {
    const broken = ask(rule);
    if (broken) throw reasoned(refuse(rule), `${name}() forbids ${rule.forbids}: ${section}`, broken);
  }
}

function toAuthorizationError({ message, errors }: Rule): AuthorizationError {
  return new AuthorizationError(message, errors?.authorization ?? 'invalid_request');
}

function toTokenError({ message, errors }: Rule): TokenError {
  return new TokenError(message, errors?.token ?? 'invalid_request');
}

function authorizationSteps<C, U>(parts: ProfileParts<C, U>, core: AnyCore): AuthorizationSteps<C, U> {
  return {
    async parse(asked) {
      if (parts.appliesTo(asked.client)) judge(parts, (rule) => rule.request?.(asked, core), toAuthorizationError);
      return undefined;
    },
    async respond({ client }) {
      if (!parts.appliesTo(client)) return undefined;
      return Object.assign({}, ...parts.clauses.map(({ rule }) => rule.response?.(core)));
    },
  };
}

function tokenSteps<C, U>(parts: ProfileParts<C, U>, core: AnyCore): TokenSteps<C> {
  return {
    async parse(params, client, ctx, grantType) {
      const asked = { params, client, ctx, grantType };
      if (parts.appliesTo(client)) judge(parts, (rule) => rule.tokenRequest?.(asked), toTokenError);
      return undefined;
    },
    async respond(response, request, authorization, grantType) {
      const made = { response, request, authorization, grantType };
      if (parts.appliesTo(request.client)) judge(parts, (rule) => rule.tokens?.(made, core), toTokenError);
      return undefined;
    },
  };
}

function extensionOf<C, U>(parts: ProfileParts<C, U>, core: Core<C, U>): Extension<C, U> {
  const whole = core as unknown as AnyCore;
  const { name, spec, clauses, relaxations, appliesTo, binding } = parts;
  const terms: ClientTerms = Object.assign({}, ...clauses.map(({ rule }) => rule.terms));
  return {
    name,
    spec,
    profile: parts,
    refusals: refusalsOf(parts),
    authorization: authorizationSteps(parts, whole),
    token: tokenSteps(parts, whole),
    authenticated(who, ctx) {
      if (appliesTo(who.client)) judge(parts, (rule) => rule.client?.(who, ctx, whole), toTokenError);
    },
    faultOfAssertion({ client, header, claims }) {
      if (!appliesTo(client)) return undefined;
      const clause = clauses.find(({ rule }) => rule.assertion?.({ header, claims }, whole));
      return clause && `${name}() forbids ${clause.rule.forbids}: ${clause.section}`;
    },
    clientTerms: (client) => (appliesTo(client) ? terms : undefined),
    requiredBinding: (client) => (appliesTo(client) ? requiredBinding(binding, client) : undefined),
    findings: () => [...findingsOf(parts, whole), ...relaxations],
  };
}

/** The extensions of a profile, for `server.extend(...)`. The last one enforces its rules. */
export function profileOf<C, U>(parts: ProfileParts<C, U>): readonly Plug<C, U>[] {
  return [...parts.plugs, (core) => extensionOf(parts, core)];
}
