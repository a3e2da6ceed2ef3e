/** What a browser does with the URL of a client: logs in, allows, and comes back to the client. */

/** The fields of a form that are hidden. */
const hiddenIn = (html: string): Record<string, string> =>
  Object.fromEntries(
    [...html.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value.replaceAll('&#38;', '&'),
    ]),
  );

/** @returns the text of the client's page */
export async function visits(url: string, login: Readonly<Record<string, string>>): Promise<string> {
  const cookies = new Map<string, string>();
  const send = async (path: string, form?: Record<string, string>): Promise<Response> => {
    const response = await fetch(new URL(path, url), {
      method: form ? 'POST' : 'GET',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      body: form ? new URLSearchParams(form) : null,
      redirect: 'manual',
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';', 1);
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    return response;
  };
  const form = await (await send(url)).text();
  const loggedIn = await send('/login', { ...hiddenIn(form), ...login });
  const dialog = await (await send(loggedIn.headers.get('location') ?? '')).text();
  const decided = await send('/authorize/decision', hiddenIn(dialog));
  return (await fetch(decided.headers.get('location') ?? '')).text();
}
