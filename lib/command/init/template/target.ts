/** What the attacks of a new project are told. */
export const target = `/** The server as the attacks of koauthorize/testing meet it, by \`npm run attack\` beside \`npm start\`, and by the tests. */
⟦import type { AttackTarget } from 'koauthorize/testing';

⟧export const targetAt = (issuer⟦: string⟧)⟦: AttackTarget⟧ => ({
  issuer,
  endpoints: { resource: \`\${issuer}/api/me\` },
  client: {
    client_id: 'demo',
    client_secret: 'only-the-demo-knows',
    redirect_uri: 'http://localhost:4000/callback',
    scope: 'profile',
  },
  async login(visitor) {
    await visitor.submit(await visitor.get(\`\${issuer}/login\`), { username: 'alice', password: 'wonderland' });
  },
  grace: 10, // seconds, of tokenService()
});

export const target = targetAt(process.env['ISSUER'] || 'http://localhost:3000');
`;
