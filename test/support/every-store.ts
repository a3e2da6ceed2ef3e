/** The same tests on every store. */
import { skipStore } from './missing-server.js';
import { PLACES, type Place } from './places.js';

/**
 * Defines the tests once for each store. Where the server of a store is missing, its tests are skipped, or fail.
 *
 * @param define gets what opens the place, which is there once the tests run
 */
export function onEveryStore(title: string, define: (place: () => Place) => void): void {
  for (const [name, open] of Object.entries(PLACES)) {
    describe(`${title} on ${name}`, function () {
      this.timeout(60_000);
      let place: Place | undefined;
      before(async function () {
        place = await open();
        if (!place) skipStore(this, name);
      });
      after(() => place?.remove());
      define(() => {
        if (!place) throw new Error('The store is opened before the tests, and not while they are defined');
        return place;
      });
    });
  }
}

/** Two servers or services over one store: as two processes have it, or the same one twice where the store is not shared. */
export function twoOver<T>(place: Place, make: (store: ReturnType<Place['open']>) => T): readonly [T, T] {
  const one = make(place.open());
  return [one, place.isShared ? make(place.open()) : one];
}
