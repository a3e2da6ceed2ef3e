/** The start page, with links to the others. */
import { html } from './html.js';
import { menu, page } from './layout.js';
import type { HomeModel } from './models.js';

const WAYS = html`<ul class="ways" role="list">
<li><a href="/account">Account</a><span>See what we know of you, and can tell applications if you allow it</span></li>
<li><a href="/connected">Connected apps</a><span>See which applications may act for you, and disconnect them</span></li>
<li><a href="/sessions">Sessions</a><span>See where you are logged in, and sign out there</span></li>
<li><a href="/account/passkeys">Passkeys</a><span>Add a second factor beside your password</span></li>
<li><a href="/device">Connect a device</a><span>Type the code that a television, a printer or a terminal shows</span></li>
<li><a href="/requests">Requests</a><span>Answer what somebody asks of you elsewhere, such as at a till</span></li>
<li><a href="/clients">Your clients</a><span>Register an application that others can connect to</span></li>
</ul>`;

export function home({ user, csrf }: HomeModel): string {
  return page({
    title: user ? `Welcome, ${user.name}` : 'Your account, your decision',
    menu: menu('/', user, csrf),
    width: 'wide',
    content: html`<p class="lead">Applications can act for you here, without ever seeing your password, and only as far as you allow.</p>
<section aria-labelledby="try">
<h2 id="try">See it work</h2>
<p>Postcards is an application that would like to connect to your account. It shows each step of the way.</p>
<p><a class="button main" href="/demo">Open the demo</a></p>
</section>
<section aria-labelledby="account">
<h2 id="account">Your account</h2>
${user ? WAYS : html`<p>You are not logged in.</p><p><a class="button" href="/login">Log in</a></p>`}
</section>
<p class="soft">For developers: <a href="/demo/read">docs and source</a>, <a href="/.well-known/oauth-authorization-server">the metadata of this server</a>, <a href="/.well-known/openid-configuration">as an OpenID Provider</a></p>`,
  });
}
