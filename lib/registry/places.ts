/** Finds two endpoints at the same location. A router would send the requests for both to the first one. */
import type { Core, Route } from '../core.js';

interface Place {
  readonly name: string;
  readonly location: string;
  readonly route: Pick<Route, 'methods'>;
}

/** The methods of both endpoints. RFC 6749 §3.1 wants GET and allows POST; at the token endpoint of §3.2, GET is answered by an error. */
const OF_SPINE: Place['route'] = { methods: ['GET', 'POST'] };

/** The endpoints that the server itself has, if something is plugged in that they need. */
function spineOf<C, U>({ responders, exchangers, locations }: Core<C, U>): Place[] {
  const place = (name: string, usual: string): Place => ({
    name,
    location: locations.of(name, usual),
    route: OF_SPINE,
  });
  return [
    ...(responders.length > 0 ? [place('authorization', '/authorize')] : []),
    ...(exchangers.length > 0 ? [place('token', '/token')] : []),
  ];
}

function share(one: Place['route'], other: Place['route']): boolean {
  return one.methods.some((method) => other.methods.includes(method));
}

/** @throws Error if two endpoints take the same method at the same location */
export function requireOwnPlaces<C, U>(core: Core<C, U>): void {
  const { routes, locations } = core;
  const taken = spineOf(core);
  for (const [name, route] of routes) {
    const location = locations.of(name, route.path);
    const earlier = taken.find((one) => one.location === location && share(one.route, route));
    if (earlier) throw new Error(`The endpoints ${earlier.name} and ${name} are both at ${location}`);
    taken.push({ name, location, route });
  }
}
