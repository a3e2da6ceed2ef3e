/** The pages for devices. The code does not tell the user whose device it is, so the dialog shows where the request came from, and what to compare. */
import { scopeFields } from './consent.js';
import { html } from './html.js';
import { alert, menu, page } from './layout.js';
import type { DeviceCodeModel, DeviceDoneModel, DeviceModel } from './models.js';

export function deviceCode({ user, csrf, userCode = '', problem }: DeviceCodeModel): string {
  return page({
    title: 'Connect a device',
    menu: menu('/device', user, csrf),
    content: html`<p>Your television, printer or terminal shows a code. Type it here.</p>
${alert(problem)}
<form method="post" action="/device">
<label>The code on your device
<input name="user_code" value="${userCode}" required autocomplete="off" autocapitalize="characters" spellcheck="false"${problem && html` aria-describedby="problem" aria-invalid="true"`}></label>
<div class="row start"><button class="main">Continue</button></div>
</form>
<p class="soft">Has somebody sent you this code, or a link with it? Then it is for their device, and not for yours: do not type it.</p>`,
  });
}

export function device(model: DeviceModel): string {
  const { id, userCode, client, user, from } = model;
  return page({
    title: `Connect a device to ${client.name}?`,
    // the ID of the dialog is also the CSRF token
    content: html`<dl class="parties">
<dt>Code on the device</dt>
<dd><strong>${userCode}</strong></dd>
<dt>Application</dt>
<dd><strong><bdi>${client.name}</bdi></strong> ${client.uri && html`<a href="${client.uri}" rel="noreferrer">${client.uri}</a>`}</dd>
<dt>The device</dt>
<dd><span>${from.device && html`<bdi>${from.device}</bdi>, `}at ${from.address}${from.isHere ? ', which is where you are' : html`: <strong>not where you are</strong>`}</span></dd>
<dt>Your account</dt>
<dd><strong>${user.name}</strong></dd>
</dl>
<form method="post" action="/device/decision">
<input type="hidden" name="device_id" value="${id}">
${scopeFields(model)}
<p>Is the device in front of you, and does it show <strong>${userCode}</strong>? If you have not just begun this there yourself, deny it.</p>
<div class="row">
<button name="cancel" value="yes">Deny</button>
<button>Allow</button>
</div>
</form>`,
  });
}

export function deviceDone({ clientName, isAllowed }: DeviceDoneModel): string {
  return page({
    title: isAllowed ? 'Go back to your device' : 'The device gets nothing',
    content: html`<p>${isAllowed ? 'You have allowed' : 'You have denied'} <strong><bdi>${clientName}</bdi></strong> access.${isAllowed && ' It goes on there in a few seconds. You can disconnect it at any time under Connected apps.'}</p>
<p><a class="button" href="/">Go to the first page</a></p>`,
  });
}
