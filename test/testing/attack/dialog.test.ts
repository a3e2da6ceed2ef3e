/** What an attack on the dialog takes for success, and what not. */
import assert from 'node:assert/strict';
import { CALLBACK, dialog, FORM, outcome, type Script, to } from './script.js';

const csp = (value: string | string[]) => ({ 'content-security-policy': value });

describe('an attack on the dialog', () => {
  for (const [name, headers, expected] of [
    ['clickjacking', { 'x-frame-options': 'DENY' }, 'withstood'],
    ['clickjacking', { 'x-frame-options': 'sameorigin' }, 'withstood'],
    ['clickjacking', { 'x-frame-options': 'ALLOW-FROM https://a.example' }, 'succeeded'],
    ['clickjacking', csp("default-src 'none'; frame-ancestors 'none'"), 'withstood'],
    ['clickjacking', csp("frame-ancestors 'self'"), 'withstood'],
    ['clickjacking', csp("default-src 'none'"), 'succeeded'],
    ['clickjacking', { ...csp('frame-ancestors *'), 'x-frame-options': 'DENY' }, 'succeeded'],
    ['clickjacking', csp("frame-ancestors 'self' https://a.example"), 'succeeded'],
    ['clickjacking', csp(["frame-ancestors *; default-src 'none'", "frame-ancestors 'none'"]), 'withstood'],
    ['clickjacking', {}, 'succeeded'],
    ['referrer-leak', { 'referrer-policy': 'no-referrer' }, 'withstood'],
    ['referrer-leak', { 'referrer-policy': 'unsafe-url, strict-origin-when-cross-origin, of-the-future' }, 'withstood'],
    ['referrer-leak', { 'referrer-policy': 'no-referrer, unsafe-url' }, 'succeeded'],
    ['referrer-leak', { 'referrer-policy': 'no-referrer-when-downgrade' }, 'succeeded'],
    ['referrer-leak', { 'referrer-policy': 'none' }, 'succeeded'],
    ['referrer-leak', {}, 'succeeded'],
    ['dialog-cached', { 'cache-control': 'private, no-store' }, 'withstood'],
    ['dialog-cached', { 'cache-control': 'No-Store' }, 'withstood'],
    ['dialog-cached', { 'cache-control': 'no-cache, private' }, 'succeeded'],
    ['dialog-cached', {}, 'succeeded'],
  ] as const) {
    it(`${name}: ${expected} with ${JSON.stringify(headers)}`, async () => {
      assert.match(await outcome(name, { authorize: () => dialog({ headers }) }), new RegExp(`^${expected}`));
    });
  }

  it('referrer-leak: a meta element is a policy, too', async () => {
    const body = `<meta name="referrer" content="no-referrer">${FORM}`;
    assert.equal(await outcome('referrer-leak', { authorize: () => dialog({ body }) }), 'withstood');
  });

  it('redirect-keeps-post: 308 is as bad as 307, and 303 is as it should be', async () => {
    const answering = (status: number): Script => ({
      authorize: () => dialog(),
      decide: () => ({ ...to(`${CALLBACK}?code=c`), status }),
    });
    assert.equal(await outcome('redirect-keeps-post', answering(308)), 'succeeded the decision is answered with 308');
    assert.equal(await outcome('redirect-keeps-post', answering(303)), 'withstood');
  });
});
