/** Many tokens without issuing each of them: the records of one login, again and again with other IDs and users. */
import { randomBytes } from 'node:crypto';
import { memoryStore, type TokenRecord } from 'koauthorize/tokens';
import { inParallel } from './cost.js';
import { recorded } from './recorded.js';
import type { OpenStore } from './stores.js';
import { connect, serviceOf } from './subject.js';

/** The records that one login leaves in a store: a code, which was used, an access token, a refresh token, and what knows spent ones again. */
export type Login = readonly TokenRecord[];

/** Logins that a store is given at a time: so many slices of so many. */
const [SLICES, SLICE] = [4, 250];

/** The records of a login, as the token service makes them. */
export async function sampleLogin(): Promise<Login> {
  const recording = recorded(memoryStore());
  await connect(serviceOf(recording.store), 'user 1000000');
  const found = await Promise.all(recording.added().map((id) => recording.store.get(id, Date.now() / 1000)));
  return found.filter((record) => record !== undefined);
}

const random = (length: number): string => randomBytes(length).toString('base64url').slice(0, length);

/** Another login: of another user, and of an authorization of its own. @param expiresAt of all its records; without it they live as those of the sample */
export function another(sample: Login, user: string, expiresAt?: number): Login {
  const [{ authorizationID = '' } = {}] = sample;
  const [tag = '', rest = ''] = authorizationID.split('.');
  const own = random(tag.length);
  const its = `${own}.${random(rest.length)}`;
  return sample.map((record) =>
    Object.assign({}, record, {
      id: `${own}.${random(record.id.length - tag.length - 1)}`,
      authorizationID: its,
      ...(record.subject !== undefined && { subject: user }),
      ...(expiresAt !== undefined && { expiresAt }),
    }),
  );
}

/** @param make the login of each number below `count` @param now when they came, by the clock of their server */
export async function bulk(opened: OpenStore, count: number, make: (i: number) => Login, now: number): Promise<void> {
  await inParallel(Math.ceil(count / SLICE), SLICES, async (slice) => {
    const from = slice * SLICE;
    const logins = Array.from({ length: Math.min(SLICE, count - from) }, (_, i) => make(from + i));
    await opened.write(logins, now);
  });
}
