import type { DoctorRule } from '../rule.js';

export const proxyAndHTTPS: DoctorRule = {
  name: 'proxyAndHTTPS',
  severity: 'warning',
  finds: 'app.proxy that does not fit the issuer: https without a proxy, or a trusted proxy without https',
  looksAt: ['server', 'app'],
  why: 'Without app.proxy Koa sees http: secure cookies are refused, and URLs differ from the issuer. With it, and no proxy, anyone can forge X-Forwarded-For and X-Forwarded-Proto',
  section: 'RFC 9700 §4.13',
  remedy: 'app.proxy = true if a proxy terminates TLS and sets these headers, and only then',
  examine({ app, issuer, core }) {
    if (!app || !core || issuer === undefined) return undefined;
    const isHTTPS = issuer.startsWith('https:');
    const isProxied = app.proxy === true;
    if (isHTTPS && !isProxied) return [`The issuer is ${issuer}, and app.proxy is false`];
    return !isHTTPS && isProxied ? [`The issuer is ${issuer}, and app.proxy is true`] : [];
  },
};
