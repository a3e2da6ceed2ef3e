/** Discovery, as a client does it. */
import { type Page, send } from '../../attack/http.js';
import { FlowFailed } from '../check.js';
import type { MCPTarget } from '../target.js';
import { challengeParam } from './challenge.js';
import { type Document, documentIn, list, text } from './members.js';
import { once } from './once.js';

export interface Documents {
  /** The answer of the MCP server to a request without a token. */
  unauthorized(): Promise<Page>;
  /** The metadata of the resource, at the first place where a client finds it. @throws FlowFailed if there is none */
  resource(): Promise<Document>;
  /** The answers at the two well-known locations: with the path of the resource, and without. */
  wellKnownResource(): Promise<readonly Document[]>;
  issuer(): Promise<string>;
  /** The metadata of the authorization server, at the first place where a client finds it. @throws FlowFailed if there is none */
  server(): Promise<Document>;
  /** The document of OpenID Connect Discovery, if there is one. */
  openid(): Promise<Document | undefined>;
  /** The URL of an endpoint. @throws FlowFailed if the metadata has none */
  endpoint(name: 'authorization' | 'token'): Promise<string>;
}

const read = async (url: string): Promise<Document> =>
  documentIn(await send(url, { headers: { accept: 'application/json' } }));

const isFound = ({ page, members }: Document): boolean => page.status === 200 && Object.keys(members).length > 0;

/** RFC 9728 §3.1, RFC 8414 §3.1: the well-known path is inserted before the path of the identifier. */
function inserted(identifier: string, name: string): string {
  const { origin, pathname, search } = new URL(identifier);
  return `${origin}/.well-known/${name}${pathname.replace(/\/$/, '')}${search}`;
}

/** The well-known locations of the metadata of a resource. */
export const resourcePlaces = (resource: string): readonly string[] => [
  inserted(resource, 'oauth-protected-resource'),
  `${new URL(resource).origin}/.well-known/oauth-protected-resource`,
];

const openidPlaces = (issuer: string): readonly string[] => [
  ...new Set([
    inserted(issuer, 'openid-configuration'),
    `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
  ]),
];

async function firstOf(urls: readonly string[]): Promise<Document | undefined> {
  for (const url of urls) {
    const document = await read(url);
    if (isFound(document)) return document;
  }
  return undefined;
}

export function openDocuments({ resource, issuer }: MCPTarget, call: () => Promise<Page>): Documents {
  const unauthorized = once(call);
  const wellKnownResource = once(() => Promise.all(resourcePlaces(resource).map(read)));
  const found = once(async () => {
    const told = challengeParam(await unauthorized(), 'resource_metadata');
    const first = told !== undefined && URL.canParse(told) ? await read(told) : undefined;
    if (first && isFound(first)) return first;
    const known = (await wellKnownResource()).find(isFound);
    if (known) return known;
    throw new FlowFailed(`There is no metadata of the resource at ${resourcePlaces(resource).join(' and ')}`);
  });
  const named = once(async () => {
    const [first] = issuer === undefined ? list((await found()).members['authorization_servers']) : [issuer];
    if (first !== undefined && URL.canParse(first)) return first;
    throw new FlowFailed('The metadata of the resource names no authorization server');
  });
  const openid = once(async () => firstOf(openidPlaces(await named())));
  const server = once(async () => {
    const document = (await firstOf([inserted(await named(), 'oauth-authorization-server')])) ?? (await openid());
    if (document) return document;
    throw new FlowFailed(`There is no metadata of the authorization server ${await named()}`);
  });
  return {
    ...{ unauthorized, wellKnownResource, resource: found, issuer: named, server, openid },
    async endpoint(name) {
      const url = text((await server()).members[`${name}_endpoint`]);
      if (url !== undefined && URL.canParse(url)) return url;
      throw new FlowFailed(`The metadata of the authorization server has no ${name}_endpoint`);
    },
  };
}
