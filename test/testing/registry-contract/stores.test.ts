/** `registryContract()` on `registeredClients()` over every store. */
import { registeredClients } from 'koauthorize';
import { registryContract } from 'koauthorize/testing';
import type { TokenStore } from 'koauthorize/tokens';
import { skipStore } from '../../support/missing-server.js';
import { PLACES, type Place } from '../../support/places.js';

for (const [name, start] of Object.entries(PLACES)) {
  describe(`registered clients on ${name}`, function () {
    this.timeout(30_000);
    let place: Place | undefined;
    const opened: TokenStore[] = [];
    before(async function () {
      place = await start();
      if (!place) skipStore(this, name);
    });
    after(async () => {
      for (const each of opened) await each.close();
      await place?.remove();
    });

    const open = () => {
      const store = (place as Place).open();
      opened.push(store);
      return registeredClients(store);
    };
    registryContract({ describe, it }, { open, second: open });
  });
}
