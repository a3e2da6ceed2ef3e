/** How far the making of a server has come: what is plugged in too late would have no effect, or only a part of it. */
import type { Route } from '../core.js';

/** Whether extensions have seen the whole configuration, and whether `server.mount()` has put the endpoints on a router. */
export class Phase {
  isStarted = false;
  /** The endpoints of extensions that were there when `server.mount()` was called. */
  mounted: ReadonlySet<string> | undefined;

  /** @throws Error once the server was checked or has answered a request: the extensions have then seen the whole configuration */
  requireNotStarted(what: string): void {
    if (this.isStarted)
      throw new Error(`${what} came after server.check() or the first request: plug in everything before`);
  }

  /**
   * `server.mount()` mounts what is there when it is called. The metadata would announce an endpoint that is plugged in later, and the router would answer 404.
   *
   * @param routes the endpoints of what is plugged in; those that have a page are mounted by the application
   * @throws Error once `server.mount()` was called
   */
  requireNotMounted(what: string, routes: Readonly<Record<string, Pick<Route, 'hasPage'>>>): void {
    const missed = Object.keys(routes).filter((name) => !routes[name]?.hasPage && !this.mounted?.has(name));
    if (this.mounted && missed.length > 0)
      throw new Error(
        `${what} came after server.mount(), which has not mounted its endpoint ${missed.join(', ')}: plug it in before`,
      );
  }
}
