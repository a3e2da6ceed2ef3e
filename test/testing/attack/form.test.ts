import assert from 'node:assert/strict';
import { decisionForm, formsIn, unescapeHTML } from '../../../lib/testing/attack/form.js';
import type { Page } from '../../../lib/testing/attack/http.js';

const page = (text: string): Page => ({
  status: 200,
  headers: new Headers(),
  url: 'https://as.example/authorize?a=b',
  text,
});

const sent = (html: string, decision: 'allow' | 'deny' = 'allow'): string | undefined => {
  const form = decisionForm(page(html), decision);
  return form && `${form.action} ${form.fields.map(([name, value]) => `${name}=${value}`).join('&')}`;
};

const AT = 'https://as.example/decision';

describe('the forms of a page', () => {
  it('have the fields that a browser would send', () => {
    const [form] = formsIn(
      page(`<FORM action='/decision' Method=POST>
        <input name="a" value="1 > 0"><input type=hidden name=b value='"'><input name="c" disabled value="x">
        <input type="checkbox" name="d" value="on" checked><input type="checkbox" name="e" value="x">
        <input type="radio" name="f" checked><input type="submit" name="g" value="x"><input value="nameless">
        <input type="file" name="h"><INPUT NAME="i"/></FORM>`),
    );
    assert.equal(form?.action, AT);
    assert.equal(form.method, 'post');
    assert.deepEqual(form.fields, [
      ['a', '1 > 0'],
      ['b', '"'],
      ['d', 'on'],
      ['f', 'on'],
      ['i', ''],
    ]);
    assert.deepEqual(form.buttons, [{ name: 'g', value: 'x', text: 'x' }]);
  });

  it('go to the page itself where they do not say, by GET', () => {
    const [form] = formsIn(page('<form><input name="a"></form>'));
    assert.equal(form?.action, 'https://as.example/authorize?a=b');
    assert.equal(form.method, 'get');
  });

  it('are of text once it is unescaped', () => {
    assert.equal(
      unescapeHTML('&amp;lt; &#60;&#x3C;&quot;&apos;&unknown; &#99999999;'),
      '&lt; <<"\'&unknown; \u{10ffff}',
    );
  });
});

describe('the form of a dialog', () => {
  const form = (body: string): string => `<form method="post" action="/decision">${body}</form>`;
  const ID = '<input type="hidden" name="transaction_id" value="t">';
  const CSRF = '<input type="hidden" name="csrf" value="c">';

  for (const [what, html, allow, deny] of [
    [
      'allow comes first',
      form(`${ID}<button>Allow</button><button name="cancel" value="yes">Deny</button>`),
      '',
      '&cancel=yes',
    ],
    [
      'deny comes first',
      form(`${ID}<button name="cancel" value="yes">Deny</button><button>Allow</button>`),
      '',
      '&cancel=yes',
    ],
    [
      'both have names',
      form(`${ID}<button name="go" value="no">No</button><button name="go" value="yes">Yes</button>`),
      '&go=yes',
      '&go=no',
    ],
    [
      'the buttons are inputs',
      form(`${ID}<input type="submit" name="go" value="Allow"><input type="submit" name="go" value="Deny">`),
      '&go=Allow',
      '&go=Deny',
    ],
    [
      'there is a logout, too',
      `<form method="post" action="/logout">${CSRF}<button>Log out</button></form>${form(ID)}`,
      '',
      '',
    ],
  ] as const) {
    it(`${what}: the right button is pressed`, () => {
      assert.equal(sent(html), `${AT} transaction_id=t${allow}`);
      assert.equal(sent(html, 'deny'), `${AT} transaction_id=t${deny}`);
    });
  }

  it('is known by its button to deny, where it has no transaction_id', () => {
    assert.equal(sent(form(`${CSRF}<button>Go on</button><button name="no">Reject</button>`)), `${AT} csrf=c`);
  });

  for (const [what, html] of [
    ['an error page', '<p>Unregistered redirect URI</p>'],
    ['an error page with a logout', form(`${CSRF}<button>Log out</button>`)],
    ['a form that is sent by GET', `<form action="/search">${ID}<button>Search</button></form>`],
    ['a login', form(`${ID}<input name="password" type="password"><button>Log in</button><button>Cancel</button>`)],
  ] as const) {
    it(`is not on ${what}`, () => {
      assert.equal(sent(html), undefined);
    });
  }
});
