/** What an attack on the decision takes for success, and what not. */
import assert from 'node:assert/strict';
import { CALLBACK, dialog, FORM, outcome, refused, type Script, to } from './script.js';

describe('an attack on the decision', () => {
  /** Dialogs have numbers, which may be guessed or not; the cookie is the number of the last one. */
  const numbered = (isRight: (id: string, cookie: string | undefined) => boolean, prefix = ''): Script => {
    let count = 0;
    return {
      authorize() {
        count += 1;
        const id = prefix || `id-${count}`;
        return dialog({ body: FORM.replace('value="t"', `value="${id}"`), headers: { 'set-cookie': `dialog=${id}` } });
      },
      decide: (params, cookie) =>
        isRight(params.get('transaction_id') ?? '', cookie) ? to(`${CALLBACK}?code=c`) : refused,
    };
  };

  for (const [what, script, expected] of [
    ['the ID is that of the cookie', numbered((id, cookie) => cookie === `dialog=${id}`), /^withstood$/],
    ['the ID is not looked at', numbered((_, cookie) => cookie !== undefined), /^succeeded "" was enough$/],
    ['it may be empty', numbered((id, cookie) => id === '' || cookie === `dialog=${id}`), /^succeeded ""/],
    ['it must be there', numbered((id) => id !== ''), /^succeeded "transaction_id=attacker" was enough$/],
    ['it is always the same', numbered((id) => id === 'same', 'same'), /^succeeded "transaction_id=same" was enough$/],
    ['no cookie is asked for', numbered((id) => id.startsWith('id-')), /^succeeded a browser without any cookie/],
  ] as [string, Script, RegExp][]) {
    it(`csrf-decision: ${what}`, async () => {
      assert.match(await outcome('csrf-decision', script), expected);
    });
  }

  it('csrf-decision: it is told from whom a form comes', async () => {
    const origins: string[] = [];
    const script = numbered((id, cookie) => cookie === `dialog=${id}`);
    await outcome('csrf-decision', { ...script, hears: (headers) => origins.push(`${headers['origin']}`) });
    assert.match(origins.join(' '), /^http:\/\/127\.0\.0\.1:\d+( https:\/\/attacker\.example){4}$/);
  });

  it('decision-from-another-session: the cookie decides', async () => {
    const bound = numbered((id, cookie) => cookie === `dialog=${id}`);
    assert.equal(await outcome('decision-from-another-session', bound), 'withstood');
    const loose = numbered((id, cookie) => id !== '' && cookie !== undefined);
    assert.match(await outcome('decision-from-another-session', loose), /^succeeded the victim's browser/);
  });

  for (const [name, refusal] of [
    ['csrf-decision', /An honest decision gives no code: 400 No/],
    ['decision-from-another-session', /An honest decision gives no code/],
    ['transaction-replay', /To allow is answered with 400 No/],
    ['redirect-keeps-post', /An honest decision gives no code/],
    ['mix-up', /An honest decision gives no code/],
  ] as const) {
    it(`${name}: cannot be told where no decision counts`, async () => {
      await assert.rejects(outcome(name, { authorize: () => dialog(), decide: () => refused }), refusal);
    });
  }

  it('mix-up: a denial that is no answer cannot be told', async () => {
    let issuer = '';
    const script: Script = {
      authorize: () => dialog({ body: FORM.replace('</form>', '<button name="cancel">Deny</button></form>') }),
      decide: (params) => (params.has('cancel') ? refused : to(`${CALLBACK}?code=c&iss=${issuer}`)),
      hears: ({ host }) => {
        issuer = `http://${host}`;
      },
    };
    await assert.rejects(outcome('mix-up', script), /An honest denial gives no error: 400 No/);
  });

  for (const iss of ['', '&iss=', '&iss=https://attacker.example', '&iss={}&iss={}', '&iss={}/'] as const) {
    it(`mix-up: ${iss || 'no iss'} is not the issuer`, async () => {
      let issuer = '';
      const script: Script = {
        authorize: () => dialog(),
        decide: () => to(`${CALLBACK}?code=c${iss.replaceAll('{}', issuer)}`),
        hears: ({ host }) => {
          issuer = `http://${host}`;
        },
      };
      assert.match(await outcome('mix-up', script), /^succeeded an answer with a code says/);
    });
  }
});
