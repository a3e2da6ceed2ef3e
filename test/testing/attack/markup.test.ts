/** What an attack by markup takes for success, and what not. */
import assert from 'node:assert/strict';
import { type Answer, dialog, HTML, outcome, refused, type Script } from './script.js';

const referenced = (text: string, characters: RegExp): string =>
  text.replace(characters, (character) => `&#${character.charCodeAt(0)};`);

describe('an attack by markup', () => {
  const shows = (render: (state: string) => string, type = 'text/html'): Script => ({
    authorize: (params) => ({
      status: 400,
      headers: { 'content-type': type },
      body: render(params.get('state') ?? ''),
    }),
  });

  for (const [what, script, expected] of [
    ['all is escaped', shows((text) => `<p title="${referenced(text, /[&<>"']/g)}">`), /^withstood$/],
    ['in a text, quotes need not be', shows((text) => `<p>${referenced(text, /[&<>]/g)}</p>`), /^withstood$/],
    ['nothing is escaped', shows((text) => `<p>${text}</p>`), /^succeeded the page has an element/],
    [
      'quotes are not, in an attribute',
      shows((text) => `<p title="${referenced(text, /[&<>]/g)}">`),
      /^succeeded a tag/,
    ],
    ['nor the other ones', shows((text) => `<p title='${referenced(text, /[&<>"]/g)}'>`), /^succeeded a tag/],
    ['it is shown as JSON', shows((text) => JSON.stringify(text), 'application/json'), /^withstood$/],
    [
      'it is a link',
      shows((text) => `<a href="${referenced(text, /[&<>"']/g)}">back</a>`),
      /^succeeded the page links/,
    ],
    [
      'it is what a form does',
      shows((text) => `<form action="${referenced(text, /[&<>"']/g)}">`),
      /^succeeded the page links/,
    ],
  ] as const) {
    it(`error-reflects-markup: ${what}`, async () => {
      assert.match(await outcome('error-reflects-markup', script), expected);
    });
  }

  it('error-reflects-markup: the answer to the decision is looked at, too', async () => {
    let state = '';
    const authorize = (params: URLSearchParams): Answer => {
      state = params.get('state') ?? '';
      return dialog();
    };
    const decide = (): Answer => ({ headers: HTML, body: `<input value="${state}">` });
    assert.match(await outcome('error-reflects-markup', { authorize, decide }), /^succeeded the page has an element/);
  });

  it('header-injection: a cookie that is set is one', async () => {
    const authorize = (params: URLSearchParams): Answer => {
      const [, cookie] = /set-cookie: (.*)\r\n/.exec(params.get('scope') ?? '') ?? [];
      return cookie === undefined ? refused : { headers: { 'set-cookie': [cookie] } };
    };
    assert.match(await outcome('header-injection', { authorize }), /^succeeded .*, by \{"scope":"attacker\\r\\n/);
  });
});
