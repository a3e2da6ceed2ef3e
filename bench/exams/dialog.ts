/** A user's way through the dialog of every server here: at some it is one page, at oidc-provider a few that lead to each other. */

import { SCOPE, secretOf } from '../servers/clients.js';
import type { Answer, Connection } from '../workloads/connection.js';
import { type Asked, type Dialog, queryOf } from '../workloads/dialog.js';
import { readJSON, WrongAnswer } from '../workloads/verify.js';

/** What the browser sends to allow a request. */
export interface Form {
  readonly path: string;
  readonly body: string;
}

export interface ExamDialog extends Dialog {
  readonly scope: string;
  /** From the authorization request to the page that asks the user. */
  open(http: Connection, asked: Asked): Promise<Form>;
  /** From the decision to the answer that sends the browser to the client, or to the refusal. */
  decide(http: Connection, form: Form): Promise<Answer>;
}

/** Follows redirects to other pages of the server. */
async function follow(http: Connection, answer: Answer): Promise<Answer> {
  const { location } = answer.headers;
  if (location === undefined) return answer;
  const url = new URL(location, 'http://127.0.0.1');
  if (url.hostname !== '127.0.0.1') return answer;
  return follow(http, await http.visit(url.pathname + url.search));
}

/** The form of a page that asks the user. @throws WrongAnswer */
export function formFor(page: Answer): Form & { readonly prompt: unknown } {
  const { transaction_id, prompt } = readJSON(page);
  if (typeof transaction_id !== 'string') throw new WrongAnswer('No dialog', page);
  if (prompt === undefined) return { path: '/decision', body: `transaction_id=${transaction_id}`, prompt };
  const button = prompt === 'login' ? 'login' : 'confirm';
  return { path: `/interaction/${transaction_id}/${button}`, body: '', prompt };
}

const begin = async (http: Connection, asked: Asked): Promise<Answer> =>
  follow(http, await http.visit(`/authorize?${queryOf(asked)}`));

function dialog(scope: string, login: Dialog['login']): ExamDialog {
  const open: ExamDialog['open'] = async (http, asked) => formFor(await begin(http, asked));
  const decide: ExamDialog['decide'] = async (http, { path, body }) => follow(http, await http.submit(path, body));
  return {
    scope,
    login,
    open,
    decide,
    async authorize(http, asked) {
      const answer = await decide(http, await open(http, asked));
      if (!answer.headers.location) throw new WrongAnswer('Sent nowhere', answer);
      return answer.headers.location;
    },
  };
}

/** The application has a page for the login, and one for the dialog. */
export const pages = dialog(SCOPE, async (http) => {
  const answer = await http.visit('/login');
  if (answer.status !== 204) throw new WrongAnswer('Not logged in', answer);
});

const OPENID = `openid ${SCOPE}`;

/** The server leads from the login to the dialog. */
export const interactions = dialog(OPENID, async (http) => {
  const asked = { state: 'login', codeChallenge: secretOf('nobody'), scope: OPENID };
  const { path, body, prompt } = formFor(await begin(http, asked));
  if (prompt !== 'login') throw new Error(`Asked for ${prompt}, not for the login`);
  formFor(await follow(http, await http.submit(path, body)));
});
