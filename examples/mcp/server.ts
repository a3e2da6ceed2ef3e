/**
 * An MCP server on Koa, protected: `npm install --prefix examples/mcp`, then `npx tsx examples/mcp/server.ts`, and point a client at
 * http://localhost:3000/mcp. Log in as alice, with the password wonderland.
 */
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import Koa, { type Middleware } from 'koa';
import type { ClientIDMetadataOptions } from 'koauthorize';
import { type MCPResourceOptions, mcpResource } from 'koauthorize/profile/mcp';
import { type BearerState, requireScope } from 'koauthorize/resource-server';
import { z } from 'zod';
import { type App, authorizationServer } from './authorization-server.js';
import { type Notes, openNotes } from './notes.js';

/** The tools, for the notes of one user. */
function toolsFor(mine: Notes): McpServer {
  const server = new McpServer({ name: 'notes', version: '1.0.0' });
  server.registerTool('list_notes', { description: 'Lists your notes' }, () => ({
    content: [{ type: 'text', text: JSON.stringify(mine.list) }],
  }));
  server.registerTool(
    'add_note',
    { description: 'Adds a note', inputSchema: { text: z.string().max(1000) } },
    ({ text }) => {
      const isAdded = mine.add(text);
      const says = isAdded ? `You have ${mine.list.length} notes` : 'There is no room for more notes';
      return { content: [{ type: 'text', text: says }], isError: !isAdded };
    },
  );
  return server;
}

/** The scope that some tools need in addition to that of every request. A client without it gets a challenge, and asks its user. */
const OF_TOOLS: ReadonlyMap<string, Middleware> = new Map([['add_note', requireScope('notes:write')]]);

interface Message {
  readonly method?: string;
  readonly params?: { readonly name?: string };
}

/** Checks every message of a batch. MCP had batches until 2025-06-18, and the SDK still accepts them: a message that is not checked would need no scope. */
const needsOfTools: Middleware = (ctx, next) => {
  const { body } = ctx.request as { body?: Message | readonly Message[] | null };
  const called = [body].flat().filter((message) => message?.method === 'tools/call');
  const needs = new Set(called.flatMap((message) => OF_TOOLS.get(message?.params?.name ?? '') ?? []));
  return [...needs].reduceRight<() => Promise<unknown>>((then, need) => async () => need(ctx, then), next)();
};

/**
 * @param options the options of `mcpResource()`. `verify` is `tokens.verify` in the same process, and `introspectionVerifier()` or `jwtVerifier()` in another
 * one
 */
export function mcpServer(options: Omit<MCPResourceOptions, 'scope'>): Koa {
  const resource = mcpResource({ ...options, scope: ['notes:read'] });
  const notesOf = openNotes();
  const router = new Router<BearerState>();
  const { pathname } = new URL(options.resource);
  router.all(pathname, resource.bearer, bodyParser({ enableTypes: ['json'] }), needsOfTools, async (ctx) => {
    const { subject = '' } = ctx.state.token;
    const server = toolsFor(notesOf(subject));
    const transport = new StreamableHTTPServerTransport({}); // stateless: each request is independent
    ctx.res.on('close', () => void server.close());
    await server.connect(transport as never);
    ctx.respond = false;
    await transport.handleRequest(ctx.req, ctx.res, (ctx.request as { body?: unknown }).body);
  });
  return new Koa().use(resource.metadata).use(router.routes() as Middleware);
}

/** Both servers, in one process. In production, each can be a process of its own, and the MCP server then verifies tokens by `introspectionVerifier()`. */
export function application(url: string, documents?: ClientIDMetadataOptions<App>): Koa {
  const { app, tokens } = authorizationServer(url, `${url}/mcp`, documents);
  const mcp = mcpServer({ resource: `${url}/mcp`, authorizationServers: [url], verify: tokens.verify });
  for (const middleware of mcp.middleware) app.use(middleware);
  return app;
}

if (process.argv[1] === import.meta.filename) {
  const port = Number(process.env['PORT'] || 3000);
  const url = `http://localhost:${port}`;
  application(url).listen(port, () =>
    console.log(`${url}/mcp is ready: log in as alice, with the password wonderland`),
  );
}
