/** Requests to the MCP server. */
import { membersOf, type Page, send } from '../../attack/http.js';
import type { MCPRequest, MCPTarget } from '../target.js';

/** A message of JSON-RPC. */
export const message = (method: string, more: object = {}): string =>
  JSON.stringify({ jsonrpc: '2.0', method, ...more });

/** A request that MCP servers of revisions of 2025 answer, and later ones refuse with an error that does not concern authorization. */
const INITIALIZE = message('initialize', {
  id: 1,
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'koauthorize-mcp-check', version: '1' },
  },
});

export type Call = (authorization?: string, changes?: MCPRequest) => Promise<Page>;

/** Headers with names in lower case, so that a header of the target replaces the same header of the exam, whatever its letter case. */
function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Sends a request to the MCP server. `authorization` is the value of the header. */
export function caller({ resource, request = {} }: MCPTarget): Call {
  return (authorization, changes = {}) => {
    const { url = resource, method = 'POST', body = INITIALIZE } = { ...request, ...changes };
    const hasBody = !['GET', 'HEAD', 'DELETE'].includes(method);
    return send(url, {
      method,
      headers: {
        accept: 'application/json, text/event-stream',
        ...(hasBody && { 'content-type': 'application/json' }),
        ...lowerCased(request.headers),
        ...lowerCased(changes.headers),
        ...(authorization !== undefined && { authorization }),
      },
      ...(hasBody && { body }),
    });
  };
}

/** Whether a request passed the check of its token. Errors about its content do not matter. */
export const isAdmitted = ({ status }: Page): boolean => status < 500 && status !== 401 && status !== 403;

/** Whether an answer, as JSON or as a stream of events, has the result of a request. */
export const hasResult = (page: Page): boolean => 'result' in membersOf(page) || /^data:.*"result"/m.test(page.text);
