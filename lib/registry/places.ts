/** Finds two endpoints at the same location. A router would send the requests for both to the first one. */
import type { Core, Route } from '../core.js';

function share(one: Route, other: Route): boolean {
  return one.methods.some((method) => other.methods.includes(method));
}

/** @throws Error if two endpoints take the same method at the same location */
export function requireOwnPlaces<C, U>({ routes, locations }: Core<C, U>): void {
  const taken: { readonly name: string; readonly location: string; readonly route: Route }[] = [];
  for (const [name, route] of routes) {
    const location = locations.of(name, route.path);
    const earlier = taken.find((one) => one.location === location && share(one.route, route));
    if (earlier) throw new Error(`The endpoints ${earlier.name} and ${name} are both at ${location}`);
    taken.push({ name, location, route });
  }
}
