/** The attack suite against both examples, as they are: limits and all. */
import assert from 'node:assert/strict';
import { type AttackClient, type AttackReport, type AttackTarget, runAttacks, type Visitor } from 'koauthorize/testing';
import { LIMITS } from '../../examples/full/rate-limits.js';
import { assertionAttacks } from '../../lib/testing/attack/assertion/attacks.js';
import { clientAssertionAttacks } from '../../lib/testing/attack/assertion/client.js';
import { backchannelAttacks } from '../../lib/testing/attack/backchannel/attacks.js';
import { deviceAttacks } from '../../lib/testing/attack/device/attacks.js';
import { exchangeAttacks } from '../../lib/testing/attack/exchange-attacks.js';
import { openidAttacks } from '../../lib/testing/attack/openid-attacks.js';
import { registrationAttacks } from '../../lib/testing/attack/registration/attacks.js';
import { signedAttacks } from '../../lib/testing/attack/signed-attacks.js';
import { tokenAttacks } from '../../lib/testing/attack/token-attacks.js';
import { ALICE, BOB, type RunningFull, startFull } from '../support/full.js';
import { Agent, formIn, GREETINGS } from '../support/full-agent.js';
import { startIntrospectingAPI } from '../support/introspecting-api.js';
import { type Running, startQuickstart, USER } from '../support/quickstart.js';

/** What is not as it should be, by name: the outcome and why. */
const faults = (reports: readonly AttackReport[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    reports
      .filter(({ outcome }) => outcome !== 'withstood')
      .map(({ name, outcome, detail }) => [name, `${outcome}: ${detail}`]),
  );

const demo = (url: string): AttackClient => ({
  client_id: 'demo',
  client_secret: 'only-postcards-knows',
  redirect_uri: `${url}/demo/callback`,
  scope: 'profile email',
  post_logout_redirect_uri: `${url}/demo`,
});

/** Steps the clock of this process, in which the examples run: they take no other. */
const clock = { real: Date.now, ahead: 0 };
const wait = (seconds: number): void => {
  clock.ahead += seconds * 1000;
};

const loginAs = (url: string, user: Readonly<Record<string, string>>) => async (visitor: Visitor) =>
  visitor.submit(await visitor.get(`${url}/login`), user);

/** What needs two clients, of which the quickstart has one: its other one is an API, and may know what clients may not. */
const ONE_CLIENT = [
  'redirect-uri-missing',
  'code-of-another-client',
  'code-oracle',
  'refresh-of-another-client',
  'client-confusion',
  'introspection-of-anothers-token',
  'revocation-of-anothers-token',
];

const namesOf = (attacks: readonly { readonly name: string }[]): readonly string[] => attacks.map(({ name }) => name);

const RESOURCE_ATTACKS = ['resource-swap', 'audience-widening'];

/** The quickstart has neither pushed requests nor request objects, signed responses, DPoP, assertions, devices, registrations, exchanges, ID tokens or resources: what attacks these is said to be skipped. */
const UNANNOUNCED = [
  ...namesOf([
    ...signedAttacks,
    ...assertionAttacks,
    ...exchangeAttacks,
    ...deviceAttacks,
    ...backchannelAttacks,
    ...clientAssertionAttacks,
    ...openidAttacks,
    ...registrationAttacks,
  ]),
  ...RESOURCE_ATTACKS,
];

/** The clients of the full example have no keys to sign with, it takes no assertions of others, its tokens have no may_act, it has one API, and nobody registers clients unless a setting says so. */
const NOT_IN_FULL = [
  'backchannel-request-unsigned',
  ...namesOf(signedAttacks).filter((name) => name.startsWith('request-object-')),
  ...namesOf(assertionAttacks),
  'exchange-may-act-ignored',
  ...namesOf(clientAssertionAttacks),
  'audience-widening',
  ...namesOf(registrationAttacks),
];

const skippedIn = (reports: readonly AttackReport[]): readonly string[] =>
  reports.filter(({ outcome }) => outcome === 'skipped').map(({ name }) => name);

/** A developer registers a client on the page for it. */
async function register(developer: Agent, fields: Readonly<Record<string, string>>): Promise<AttackClient> {
  const page = await developer.send(formIn(await developer.open('/clients/new'), '/clients/new'), fields);
  assert.match(page.text, /<h1>[^<]* is registered/);
  const codes = [...page.text.matchAll(/<code[^>]*>([\w-]{20,})<\/code>/g)].map(([, code = '']) => code);
  const [client_id = '', client_secret] = codes;
  const redirect_uris = fields['redirect_uris']?.split('\n') ?? [];
  return { client_id, client_secret, redirect_uri: redirect_uris[0] ?? '', redirect_uris, scope: 'profile email' };
}

/** @param api one that introspects */
async function fullTarget(url: string, api: string): Promise<AttackTarget> {
  const developer = new Agent(url);
  await developer.login(BOB);
  return {
    issuer: url,
    endpoints: { resource: `${url}/api/me`, introspecting_resource: api },
    resources: [`${url}/api`],
    client: demo(url),
    otherClient: await register(developer, {
      client_name: 'Tea Time',
      redirect_uris: 'https://tea.example/cb\nhttps://tea.example/other',
      type: 'confidential',
    }),
    publicClient: await register(developer, {
      client_name: 'Tea on the phone',
      redirect_uris: 'http://127.0.0.1/cb',
      type: 'public',
    }),
    exchange: {
      service: { client_id: 'printer', client_secret: 'black-on-white' },
      otherResource: `${url}/api/notes`,
    },
    deviceClient: { client_id: 'terminal', redirect_uri: '', scope: 'profile email' },
    backchannel: {
      client: { client_id: 'till', client_secret: 'only-tills-know', redirect_uri: '', scope: 'openid profile' },
      loginHint: ALICE.username,
      async open(visitor, message) {
        const page = await visitor.get(`${url}/requests`);
        const waiting = page.text.split('<li>').find((one) => one.includes(message)) ?? '';
        const [, path] = /href="(\/backchannel\?id=[^"]+)"/.exec(waiting) ?? [];
        return path === undefined ? page : visitor.get(`${url}${path}`);
      },
    },
    login: loginAs(url, ALICE),
    loginOther: loginAs(url, BOB),
    async forget(visitor, { client_id }) {
      const { text } = await visitor.get(`${url}/connected`);
      const [, csrf = ''] = /name="csrf" value="([^"]+)"/.exec(text) ?? [];
      await visitor.post(`${url}/connected/revoke`, { csrf, client_id });
    },
    grace: 10,
    wait,
  };
}

describe('attacks', () => {
  before(() => {
    Date.now = () => clock.real() + clock.ahead;
  });
  after(() => {
    Date.now = clock.real;
  });

  describe('on examples/quickstart', () => {
    let running: Running;
    before(async () => {
      running = await startQuickstart();
    });
    after(() => running.stop());

    it('are withstood; it has one client, so those that need two are not tried', async () => {
      const { url } = running;
      const reports = await runAttacks({
        issuer: url,
        endpoints: { resource: `${url}/api/me` },
        client: demo(url),
        login: loginAs(url, USER),
        grace: 10,
        wait,
      });
      assert.deepEqual([...skippedIn(reports)].sort(), [...ONE_CLIENT, ...UNANNOUNCED].sort());
      assert.deepEqual(faults(reports.filter(({ outcome }) => outcome !== 'skipped')), {});
    }).timeout(120_000);
  });

  describe('on examples/full', () => {
    let running: RunningFull;
    let api: Awaited<ReturnType<typeof startIntrospectingAPI>>;
    before(async () => {
      running = await startFull();
      api = await startIntrospectingAPI(`${running.url}/introspect`, GREETINGS.id, GREETINGS.secret);
    });
    after(async () => {
      await api.stop();
      await running.stop();
    });

    it('are withstood, every one', async () => {
      const target = await fullTarget(running.url, api.url);
      // in several runs: a user has 50 sessions here at most, and one more ends that of the suite's own visitor
      const parts = [backchannelAttacks, deviceAttacks, registrationAttacks, tokenAttacks].map(namesOf);
      const reports: AttackReport[] = [];
      for (const only of parts) reports.push(...(await runAttacks(target, { only })));
      reports.push(...(await runAttacks(target, { without: parts.flat() })));
      assert.deepEqual([...skippedIn(reports)].sort(), [...NOT_IN_FULL].sort());
      assert.deepEqual(faults(reports.filter(({ outcome }) => outcome !== 'skipped')), {});
    }).timeout(120_000);
  });

  for (const registration of [
    { kind: 'anyone' },
    { kind: 'by token', token: 'a-registration-token-that-nobody-guesses' },
  ] as const)
    describe(`on examples/full where clients register themselves: ${registration.kind}`, () => {
      let running: RunningFull;
      before(async () => {
        running = await startFull({ config: { registration } });
      });
      after(() => running.stop());

      for (const name of namesOf(registrationAttacks))
        it(`${name} is withstood`, async () => {
          wait(LIMITS.registrations.seconds); // each attack registers as many clients as an address may in this time
          const target = {
            issuer: running.url,
            client: demo(running.url),
            login: loginAs(running.url, ALICE),
            ...(registration.kind === 'by token' && { registrationToken: registration.token }),
          };
          const reports = await runAttacks(target, { only: [name] });
          assert.deepEqual(
            reports.map(({ outcome, detail }) => [outcome, detail]),
            [['withstood', '']],
          );
        }).timeout(60_000);
    });
});
