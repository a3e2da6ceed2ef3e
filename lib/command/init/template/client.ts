/** The client of a new project. */
export const client = `/** A client: start it beside the server, and open the URL that it prints. */
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

const issuer = process.env['ISSUER'] || 'http://localhost:3000';
const redirect_uri = 'http://localhost:4000/callback';
const random = () => randomBytes(32).toString('base64url');
const [state, code_verifier] = [random(), random()]; // real clients make both anew for each request

const url = new URL('/authorize', issuer);
url.search = new URLSearchParams({
  response_type: 'code',
  client_id: 'demo',
  redirect_uri,
  state,
  code_challenge: createHash('sha256').update(code_verifier).digest('base64url'),
  code_challenge_method: 'S256',
}).toString();

async function accountOf(code⟦: string⟧) {
  const exchanged = await fetch(new URL('/token', issuer), {
    method: 'POST',
    headers: { Authorization: \`Basic \${Buffer.from('demo:only-the-demo-knows').toString('base64')}\` },
    body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri, code_verifier }),
  });
  const tokens = (await exchanged.json())⟦ as { access_token: string }⟧;
  if (!exchanged.ok) return tokens; // the error
  const headers = { Authorization: \`Bearer \${tokens.access_token}\` };
  return { tokens, account: await (await fetch(new URL('/api/me', issuer), { headers })).json() };
}

const client = createServer(async (request, response) => {
  const answer = new URL(request.url ?? '/', redirect_uri).searchParams;
  const isMine = answer.get('state') === state && answer.get('iss') === issuer;  // if not, an attacker may have sent the browser here
  const code = answer.get('code');
  response.end(isMine && code ? JSON.stringify(await accountOf(code), undefined, 2) : \`No code: \${answer}\\n\`);
});
client.listen(4000, () => console.log(\`Open \${url}\`));
`;
