/** The pages of a new project. */
export const pages = `/** The pages, as text. Whatever comes from elsewhere goes through escapeHTML. */
⟦import type { Transaction } from 'koauthorize';
import type { App, User } from './people.js';

⟧const escapeHTML = (text⟦: string⟧) => text.replace(/[&<>"']/g, (character) => \`&#\${character.charCodeAt(0)};\`);

/** What the scopes allow, in the words of the dialog. */
export const SCOPES = new Map([['profile', 'See your name']]);

const page = (title⟦: string⟧, content⟦: string⟧) => \`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>\${escapeHTML(title)}</title>
<h1>\${escapeHTML(title)}</h1>
\${content}
</html>\`;

export const home = (user⟦: User | undefined⟧, csrf⟦: string⟧) =>
  page(
    'It runs',
    user
      ? \`<form method="post" action="/logout"><input type="hidden" name="csrf" value="\${csrf}">
<p>You are \${escapeHTML(user.name)}. <button>Log out</button></p></form>\`
      : '<p><a href="/login">Log in</a></p>',
  );

export const login = (csrf⟦: string⟧, returnTo⟦: string⟧, problem = '') =>
  page(
    'Log in',
    \`<p role="alert">\${escapeHTML(problem)}</p>
<form method="post" action="/login">
<input type="hidden" name="csrf" value="\${csrf}">
<input type="hidden" name="return_to" value="\${escapeHTML(returnTo)}">
<p><label>Name <input name="username" autocomplete="username" required></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button>Log in</button></p>
</form>\`,
  );

/** Where a redirect URI leads: the host, or the scheme of an app, such as \`com.example.app:/callback\`. */
const destination = ({ host, protocol }⟦: URL⟧) => host || protocol;

export function consent({ transactionID, client, redirectURI, req, user }⟦: Transaction<App, User>⟧) {
  const asked = (req.scope ?? []).map((scope) => \`<li>\${escapeHTML(SCOPES.get(scope) ?? scope)}</li>\`);
  return page(
    \`Connect \${client.client_name}?\`,
    \`<p>\${escapeHTML(client.client_name)} asks for access to the account of \${escapeHTML(user?.name ?? '')}:</p>
<ul>\${asked.join('')}</ul>
<p>Whatever you choose, you then go on to \${escapeHTML(destination(new URL(redirectURI)))}.</p>
<form method="post" action="/authorize/decision">
<input type="hidden" name="transaction_id" value="\${transactionID}">
<button>Allow</button> <button name="cancel" value="yes">Deny</button>
</form>\`,
  );
}

export const problem = (title⟦: string⟧, message⟦: string⟧) => page(title, \`<p>\${escapeHTML(message)}</p>\`);
`;
