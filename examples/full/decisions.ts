/** Reads the form of a consent dialog, for applications in the browser and for devices. */
import type { FormBody } from 'koauthorize';

/** The ticked scopes. A form without any denies the request, unless the dialog showed no scope, since it was about a payment. */
export function decisionOf(form: FormBody) {
  const scope = [form['scope'] ?? []].flat();
  if (scope.length > 0) return { scope };
  return form['scopes'] === 'none' ? {} : { allow: false };
}
