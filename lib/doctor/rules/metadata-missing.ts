import type { DoctorRule } from '../rule.js';

export const metadataMissing: DoctorRule = {
  name: 'metadataMissing',
  severity: 'error',
  finds: 'metadata that are missing at the well-known URL of the issuer',
  looksAt: ['answers'],
  why: 'Clients that know only the issuer cannot find the endpoints',
  section: 'RFC 8414 §3.1',
  remedy: "router.all('/.well-known/oauth-authorization-server', server.endpoint(metadata())), at the root of the host",
  examine({ announced, app, core, issuer, metadata, unreachable }) {
    if (!announced || unreachable) return undefined;
    const isExpected = core ? core.routes.has('metadata') : app === undefined;
    if (metadata || !isExpected) return [];
    const { answer } = announced;
    return [
      `${answer?.url ?? issuer} ${answer ? `answers ${answer.status}, without a JSON object` : 'does not answer'}`,
    ];
  },
};
