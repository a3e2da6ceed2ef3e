import { urlIn } from '../endpoints.js';
import type { DoctorRule } from '../rule.js';

const isEndpoint = (name: string): boolean => /_(?:endpoint|uri)$/.test(name) && !/^op_|_documentation$/.test(name);

export const metadataOrigin: DoctorRule = {
  name: 'metadataOrigin',
  severity: 'warning',
  finds: 'endpoints and keys that are announced at another origin than the issuer',
  looksAt: ['answers'],
  why: 'The owner of that host receives the codes and secrets for this server, or chooses its keys. Often it is a host name that was left over from a test',
  section: 'RFC 8414 §6.2',
  remedy:
    'Write endpoints as paths below the issuer, and take the issuer from the configuration, never from the Host header',
  examine({ metadata, issuer }) {
    if (!metadata || issuer === undefined) return undefined;
    const { origin } = new URL(issuer);
    return Object.keys(metadata)
      .filter(isEndpoint)
      .flatMap((name) => {
        const url = urlIn(metadata, name);
        return url !== undefined && new URL(url).origin !== origin
          ? [`${name} is ${url}, and the issuer ${issuer}`]
          : [];
      });
  },
};
