import { isHTTPSOrLoopback } from '../../syntax/url.js';
import type { DoctorRule } from '../rule.js';

export const issuerPlainHTTP: DoctorRule = {
  name: 'issuerPlainHTTP',
  severity: 'error',
  finds: 'an issuer of http, on another machine or in production',
  looksAt: ['server', 'answers'],
  why: 'Everybody on the network can read passwords, codes and tokens, and can change the metadata',
  section: 'RFC 8414 §2',
  remedy: 'An https issuer: createServer({ issuer: "https://..." }), with TLS in front of it',
  examine({ issuer, isProduction, core }) {
    if (issuer === undefined || !URL.canParse(issuer)) return undefined;
    const url = new URL(issuer);
    const isMeant = isHTTPSOrLoopback(url) || core?.locations.allowsPlainHTTP === true; // in the report, as the relaxation allowPlainHTTP
    const isWrong = !isMeant || (isProduction && url.protocol === 'http:');
    return isWrong ? [`The issuer is ${issuer}`] : [];
  },
};
