/**
 * Every page of the server, as a function from a model to HTML. To make the pages your own, change `style.css` and the name in
 * `layout.ts`; or write functions of the same models (`models.ts`) with any template engine, and export them here under the
 * same names. Keep two things: the names of the form fields, and the content security policy, which allows no script on these pages except that of the copy
 * buttons and that of the passkey questions.
 */
export { account } from './account.js';
export { answered } from './answered.js';
export { asked, askedDone, requests } from './asked.js';
export { choose } from './choose.js';
export { client, removal } from './client.js';
export { clients } from './clients.js';
export { connected } from './connected.js';
export { consent } from './consent.js';
export { COPY_SCRIPT } from './copy.js';
export { device, deviceCode, deviceDone } from './device.js';
export { error } from './error.js';
export { home } from './home.js';
export { contentSecurityPolicy } from './layout.js';
export { login } from './login.js';
export { logout } from './logout.js';
export type * from './models.js';
export { PASSKEY_SCRIPT, passkeyQuestion, passkeys } from './passkeys.js';
export { registered } from './registered.js';
export { registration } from './registration.js';
export { sessions } from './sessions.js';
