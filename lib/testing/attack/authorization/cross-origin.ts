/** An attack by a script of another origin. */
import { type Attack, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import type { Page } from '../http.js';

/** Origins that no server has a reason to trust: of another site, of a frame with `sandbox`, and of names that begin or end with the server's. */
function origins({ issuer }: AttackContext['target']): readonly string[] {
  const { protocol, hostname } = new URL(issuer);
  return [
    'https://attacker.example',
    'null',
    `${protocol}//${hostname}.attacker.example`,
    `https://attacker-${hostname}`,
  ];
}

/** Fetch Standard §4.10, CORS check: with cookies, the header has to name the origin, and `*` does not count. */
function mayRead({ headers }: Page, origin: string): boolean {
  return (
    headers.get('access-control-allow-origin') === origin && headers.get('access-control-allow-credentials') === 'true'
  );
}

export const dialogReadByScript: Attack = {
  name: 'dialog-read-by-script',
  title: 'a script of another site reads the dialog of a user who is logged in, with what its form has to send',
  clause: 'RFC 9700 §2.6, RFC 6749 §10.12',
  async run(context) {
    const visitor = await context.visitor();
    const { client } = context.target;
    for (const origin of origins(context.target)) {
      const { url, page } = await context.dialog(visitor, client);
      // a browser sends the headers with every redirect: this visitor does so with the first request only, so it opens the last page itself, too
      for (const address of [...new Set([url, page.url])]) {
        const headers = { origin, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' };
        const read = await visitor.get(address, headers);
        if (context.formOf(read) && mayRead(read, origin))
          return succeeded(`a script of ${origin} may read the dialog, with the cookies of the user`);
      }
    }
    return withstood;
  },
};
