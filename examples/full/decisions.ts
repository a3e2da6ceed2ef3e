/** How the form of a consent dialog is read: that of an application in the browser, and that of a device. */
import type { FormBody } from 'koauthorize';

/** The scopes that were ticked. If there are none, the answer is to deny, unless the dialog had none: it was about a payment. */
export function decisionOf(form: FormBody) {
  const scope = [form['scope'] ?? []].flat();
  if (scope.length > 0) return { scope };
  return form['scopes'] === 'none' ? {} : { allow: false };
}
