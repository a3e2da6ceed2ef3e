/** The target of the attacks of a new project. */
export const target = `/** The target of the attacks of koauthorize/testing: for the tests, and for \`npm run attack\` while \`npm start\` runs. */
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
