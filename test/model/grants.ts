/**
 * What came of devices, of users who were asked on their own device (CIBA), and of exchanges, as it must be: each token counts until it expires, is revoked, or its authorization ends; what comes of an exchange belongs to
 * the authorization of the token that was exchanged, and outlives neither.
 */
import assert from 'node:assert/strict';
import type { KeySet, TokenStore } from 'koauthorize/tokens';
import { type App, browser, CLIENT, exchangeCode, OTHER, tokenRequest } from '../support/authorization-server.js';
import { ACCESS_TOKEN, ORDERS, STOCK, TOKEN_EXCHANGE } from '../support/exchange-server.js';
import type { Deed, Turn } from './grants-commands.js';
import { DEPTH, grantsServer } from './grants-server.js';

const USERS = ['alice', 'bob'] as const;
const SERVICES = [ORDERS, STOCK] as const;
interface Authorization {
  /** Undefined until a token says it. */
  id?: string;
  readonly user: string;
  isOver: boolean;
}

interface Token {
  readonly text: string;
  readonly client: App;
  readonly authorization: Authorization;
  readonly scope: readonly string[];
  readonly expiresAt: number;
  /** How many have acted. */
  readonly depth: number;
  /** Undefined where its client was ended at the moment at which it was issued: the store shows in which order. */
  isRevoked: boolean | undefined;
}

/** A device that waits for whoever types its code, or a user who is asked on their own. */
interface Device {
  readonly kind: 'device' | 'asked';
  /** What the client polls with. */
  readonly code: string;
  /** What the user types, or is asked by. */
  readonly userCode: string;
  /** Who was asked: nobody else can decide. */
  readonly user?: string;
  readonly expiresAt: number;
  state: 'waits' | 'denied' | 'fetched' | Authorization;
}

interface Connection {
  refreshToken: string;
  readonly authorization: Authorization;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, string>> & { readonly expires_in?: number };
}

/** Holds what was answered against what must be. Where something else was going on, the request may also have been refused. */
type Judge = (isAlone: boolean) => void;

const nothing: Judge = () => {};

type Of<D extends Deed['deed']> = Extract<Deed, { deed: D }>;

type Server = ReturnType<typeof grantsServer>;

const newest = <T>(items: readonly T[], back: number): T | undefined => items.at(-1 - back);

export class GrantsRun {
  readonly #servers: readonly [Server, Server];
  readonly #tokens: Token[] = [];
  readonly #devices: Device[] = [];
  readonly #connections: Connection[] = [];
  /** Of the store, too. */
  readonly #clock: { now: number };

  constructor(stores: readonly [TokenStore, TokenStore], keys: KeySet, clock: { now: number }) {
    this.#servers = [grantsServer(stores[0], keys), grantsServer(stores[1], keys)];
    this.#clock = clock;
    this.#tick(0);
  }

  get #now(): number {
    return this.#clock.now;
  }

  async take(turn: Turn): Promise<void> {
    if (turn.some(({ deed }) => deed === 'poll')) this.#tick(2); // devices wait between two polls
    const judges = await Promise.all(
      turn.map((deed, index) => this.#perform(deed, this.#servers[index % 2] as Server)),
    );
    for (const judge of judges) judge(turn.length === 1); // what ends something comes last
    await this.#lookAtAll();
  }

  #tick(seconds: number): void {
    this.#clock.now += seconds;
    for (const { clock } of this.#servers) clock.now = this.#now;
  }

  #perform(deed: Deed, server: Server): Promise<Judge> {
    switch (deed.deed) {
      case 'connect':
        return this.#connect(deed, server);
      case 'begin':
        return this.#begin(server);
      case 'ask':
        return this.#ask(deed, server);
      case 'decide':
        return this.#decide(deed, server);
      case 'poll':
        return this.#poll(deed, server);
      case 'exchange':
        return this.#exchange(deed, server);
      case 'refresh':
        return this.#refresh(deed, server);
      case 'revoke':
        return this.#revoke(deed, server);
      case 'end':
        return this.#end(deed, server);
      case 'endAll':
        return this.#endAll(deed, server);
      case 'tick':
        this.#tick(deed.seconds);
        return Promise.resolve(nothing);
    }
  }

  /** New tokens of the application's. */
  #given(authorization: Authorization, { status, body }: Answer): void {
    assert.equal(status, 200, JSON.stringify(body));
    const { access_token, refresh_token, expires_in = 0, scope = '' } = body;
    assert.ok(access_token && refresh_token);
    const expiresAt = this.#now + expires_in;
    this.#tokens.push({
      ...{ text: access_token, client: CLIENT, authorization, scope: scope.split(' ') },
      ...{ expiresAt, depth: 0, isRevoked: false },
    });
    this.#connections.push({ refreshToken: refresh_token, authorization });
  }

  async #connect({ user }: Of<'connect'>, { app }: Server): Promise<Judge> {
    const name = USERS[user] ?? 'alice';
    const { code } = await browser(app, name).allow();
    const answer = await exchangeCode(app, code);
    return () => this.#given({ user: name, isOver: false }, answer);
  }

  async #begin({ begin }: Server): Promise<Judge> {
    const { body } = await begin().expect(200);
    const expiresAt = this.#now + 600;
    return () => {
      const { device_code: code, user_code: userCode } = body;
      this.#devices.push({ kind: 'device', code, userCode, expiresAt, state: 'waits' });
    };
  }

  async #ask({ user: which }: Of<'ask'>, { ask }: Server): Promise<Judge> {
    const user = USERS[which] ?? 'alice';
    const { authReqID: code, id: userCode, expires_in } = await ask(user);
    const expiresAt = this.#now + expires_in;
    return () => {
      this.#devices.push({ kind: 'asked', code, userCode, user, expiresAt, state: 'waits' });
    };
  }

  async #decide({ device: back, user, deny }: Of<'decide'>, server: Server): Promise<Judge> {
    const device = newest(this.#devices, back);
    if (!device) return nothing;
    const name = USERS[user] ?? 'alice';
    const isOpen = device.state === 'waits' && this.#now < device.expiresAt;
    const mayDecide = isOpen && (device.user ?? name) === name;
    const page = await (device.kind === 'device' ? this.#typeCode : this.#answer)(server, device, name, deny);
    assert.equal(page, mayDecide ? (deny ? 'denied' : 'allowed') : undefined);
    if (!mayDecide) return nothing;
    return () => {
      device.state = deny ? 'denied' : { user: name, isOver: false };
    };
  }

  /** @returns what it became; undefined where there is nothing to decide */
  async #typeCode({ person }: Server, { userCode }: Device, name: string, deny: boolean): Promise<string | undefined> {
    const browsing = person(name);
    const { id, problem } = (await browsing.type(userCode)).body;
    assert.ok(problem === undefined || problem === 'unknown', problem);
    if (problem !== undefined) return undefined;
    return (await browsing.decide(id, deny ? { cancel: '' } : {}).expect(200)).body.page;
  }

  async #answer({ answer }: Server, { userCode }: Device, name: string, deny: boolean): Promise<string | undefined> {
    const { status, body } = await answer(userCode, name, !deny);
    assert.ok(status === 200 || status === 403, JSON.stringify(body));
    return status === 200 ? body.page : undefined;
  }

  /** What a poll must be answered, if the device was not answered for already. */
  #expectedOf({ state, expiresAt }: Device): string | Authorization {
    if (this.#now >= expiresAt) return 'expired_token';
    if (typeof state === 'object') return state.isOver ? 'invalid_grant' : state;
    return { waits: 'authorization_pending', denied: 'access_denied', fetched: 'invalid_grant' }[state];
  }

  async #poll({ device: back }: Of<'poll'>, { poll, pollAsked }: Server): Promise<Judge> {
    const device = newest(this.#devices, back);
    if (!device) return nothing;
    const answer: Answer = await (device.kind === 'device' ? poll : pollAsked)(device.code);
    return (isAlone) => {
      const expected = this.#expectedOf(device);
      const { status, body } = answer;
      if (typeof expected === 'object' && (isAlone || status === 200)) {
        this.#given(expected, answer);
        device.state = 'fetched';
        return;
      }
      assert.equal(status, 400, 'tokens that nobody has allowed');
      // how long a store still knows of a code that has expired is its own affair
      if (isAlone && expected !== 'expired_token') assert.equal(body['error'], expected);
    };
  }

  #isGood({ authorization, isRevoked, expiresAt }: Token): boolean {
    return !authorization.isOver && !isRevoked && this.#now < expiresAt;
  }

  async #exchange({ token: back, service, scope }: Of<'exchange'>, { app }: Server): Promise<Judge> {
    const [subject, client] = [newest(this.#tokens, back), SERVICES[service] ?? ORDERS];
    if (!subject) return nothing;
    const params = { grant_type: TOKEN_EXCHANGE, subject_token: subject.text, subject_token_type: ACCESS_TOKEN };
    const { status, body }: Answer = await tokenRequest(app, { ...params, ...(scope && { scope }) }, client);
    return (isAlone) => {
      const mayBe = this.#isGood(subject) && subject.depth < DEPTH;
      assert.ok(status === 200 ? mayBe : !(mayBe && isAlone), JSON.stringify(body));
      if (status !== 200) return;
      const granted = body['scope']?.split(' ') ?? [];
      assert.deepEqual(granted, scope ? subject.scope.filter((one) => scope.split(' ').includes(one)) : subject.scope);
      const expiresAt = this.#now + (body.expires_in ?? 0);
      assert.ok(expiresAt <= subject.expiresAt, 'it outlives the token that it came from');
      this.#tokens.push({
        ...{ text: body['access_token'] ?? '', client, authorization: subject.authorization, scope: granted },
        ...{ expiresAt, depth: subject.depth + 1, isRevoked: false },
      });
    };
  }

  async #refresh({ connection: back }: Of<'refresh'>, { refresh }: Server): Promise<Judge> {
    const connection = newest(this.#connections, back);
    if (!connection) return nothing;
    const answer: Answer = await refresh(connection.refreshToken);
    return (isAlone) => {
      const { isOver } = connection.authorization;
      assert.ok(answer.status === 200 ? !isOver : isOver || !isAlone, JSON.stringify(answer.body));
      if (answer.status !== 200) return;
      this.#given(connection.authorization, answer);
      this.#connections.splice(this.#connections.indexOf(connection), 1);
    };
  }

  async #revoke({ token: back }: Of<'revoke'>, { tokens }: Server): Promise<Judge> {
    const token = newest(this.#tokens, back);
    if (!token) return nothing;
    await tokens.revoke(token.text, token.client);
    return () => {
      token.isRevoked = true;
    };
  }

  async #end({ token: back }: Of<'end'>, { tokens }: Server): Promise<Judge> {
    const { authorization } = newest(this.#tokens, back) ?? {};
    if (!authorization?.id) return nothing;
    const { user: id } = authorization;
    await tokens.revokeAuthorization({ id, name: id }, authorization.id);
    return () => {
      authorization.isOver = true;
    };
  }

  /** All that was allowed, also what no device has fetched. */
  #allowed(): readonly Authorization[] {
    const waiting = this.#devices.map(({ state }) => state).filter((state) => typeof state === 'object');
    return [...this.#tokens.map(({ authorization }) => authorization), ...waiting];
  }

  async #endAll({ whose, which }: Of<'endAll'>, { tokens }: Server): Promise<Judge> {
    const known = [...this.#tokens];
    const [user, client] = [
      USERS[which] ?? 'alice',
      (whose === 'client' ? [CLIENT, OTHER] : SERVICES)[which] ?? CLIENT,
    ];
    await tokens.revokeAll(whose === 'user' ? { user: { id: user, name: user } } : { client });
    return () => {
      for (const one of this.#allowed())
        if (whose === 'user' ? one.user === user : client === CLIENT) one.isOver = true;
      for (const token of this.#tokens)
        if (whose !== 'user' && token.client === client) token.isRevoked ||= known.includes(token) || undefined;
    };
  }

  /** Each token at each server: no more, and no less. */
  async #lookAtAll(): Promise<void> {
    for (const token of this.#tokens) {
      const { authorization, client, scope } = token;
      for (const { tokens } of this.#servers) {
        const found = await tokens.verify(token.text);
        token.isRevoked ??= found === undefined;
        if (!this.#isGood(token)) assert.equal(found, undefined, 'a token outlives what it came from');
        if (!this.#isGood(token)) continue;
        assert.ok(found, 'a token that is good does not count');
        authorization.id ??= found.authorizationID ?? '';
        const about = {
          clientID: client.client_id,
          subject: authorization.user,
          scope,
          authorizationID: authorization.id,
        };
        assert.deepEqual({ ...about, ...found, claims: undefined }, { ...found, ...about, claims: undefined });
      }
    }
  }
}
