/** The order of middleware: which functions a request to an endpoint passes, as far as Koa and @koa/router disclose it. */
import type { ExaminedApp } from './target.js';

/** The names of the functions that a request passes before an endpoint, and of those that are mounted after it. */
export interface Chain {
  /** The functions in `before` that belong to the router of the endpoint. */
  readonly inRouter: readonly string[];
  /** The functions in `inRouter` that belong to the route itself. */
  readonly inRoute: readonly string[];
  readonly before: readonly string[];
  readonly endpoint: string;
  readonly after: readonly string[];
}

/** Middleware of the toolkit that may throw an OAuth2Error. */
const ENDPOINTS: ReadonlySet<string> = new Set([
  'authorization',
  'decision',
  'resume',
  'token',
  'clientAuthentication',
]);

interface RouterLayer {
  readonly path?: unknown;
  readonly methods: readonly string[];
  readonly stack: readonly unknown[];
  match?(path: string): boolean;
}

function isLayer(value: unknown): value is RouterLayer {
  const { methods, stack } = Object(value) as Partial<RouterLayer>;
  return Array.isArray(methods) && Array.isArray(stack);
}

/** The layers of `router.routes()`. */
function layersOf(middleware: unknown): readonly RouterLayer[] {
  const router: unknown = Object(middleware).router;
  const stack: unknown = Object(router).stack;
  return Array.isArray(stack) ? stack.filter(isLayer) : [];
}

const nameOf = (middleware: unknown): string => String(Object(middleware).name ?? '');

/** The chains of the endpoints in a router. */
function chainsIn(layers: readonly RouterLayer[], outside: Pick<Chain, 'before' | 'after'>): Chain[] {
  return layers.flatMap((layer, index) => {
    const passed = layers
      .slice(0, index)
      .filter(({ methods, match }) => methods.length === 0 && match?.call(layers[index], String(layer.path)) !== false);
    const names = layer.stack.map(nameOf);
    return names.flatMap((endpoint, position) => {
      if (!ENDPOINTS.has(endpoint) || layer.methods.length === 0) return [];
      const inRoute = names.slice(0, position);
      const inRouter = [...passed.flatMap(({ stack }) => stack.map(nameOf)), ...inRoute];
      const after = [...names.slice(position + 1), ...outside.after];
      return [{ before: [...outside.before, ...inRouter], inRouter, inRoute, endpoint, after }];
    });
  });
}

/** A chain for each endpoint that is found. */
export function chainsOf({ middleware }: ExaminedApp): readonly Chain[] {
  return middleware.flatMap((each, index) =>
    chainsIn(layersOf(each), {
      before: middleware.slice(0, index).map(nameOf),
      after: middleware.slice(index + 1).map(nameOf),
    }),
  );
}

/** Every middleware of the application and its routers, each once. */
export function functionsOf({ middleware }: ExaminedApp): readonly unknown[] {
  return [...new Set(middleware.flatMap((each) => [each, ...layersOf(each).flatMap(({ stack }) => stack)]))];
}
