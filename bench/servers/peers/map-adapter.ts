/** Where oidc-provider keeps its records here. */
import type { Adapter, AdapterPayload } from 'oidc-provider';

const records = new Map<string, AdapterPayload>();
/** Sessions by their second name. */
const sessions = new Map<string, string>();
/** What came of each grant, so that it can be revoked. */
const members = new Map<string, Set<string>>();

/** Expiry is in the records, and checked by who reads them. */
export class MapAdapter implements Adapter {
  readonly #model: string;

  constructor(model: string) {
    this.#model = model;
  }

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    const key = this.#key(id);
    records.set(key, payload);
    if (this.#model === 'Session' && payload.uid !== undefined) sessions.set(payload.uid, id);
    if (payload.grantId !== undefined && this.#model !== 'Interaction') this.#join(payload.grantId, key);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return records.get(this.#key(id));
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.find(sessions.get(uid) ?? '');
  }

  /** Of the device flow, which is off. */
  async findByUserCode(): Promise<undefined> {}

  async consume(id: string): Promise<void> {
    const record = records.get(this.#key(id));
    if (record) record.consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id: string): Promise<void> {
    records.delete(this.#key(id));
  }

  async revokeByGrantId(grantID: string): Promise<void> {
    for (const key of members.get(grantID) ?? []) records.delete(key);
    members.delete(grantID);
  }

  #key(id: string): string {
    return `${this.#model}:${id}`;
  }

  #join(grantID: string, key: string): void {
    const others = members.get(grantID);
    if (others) others.add(key);
    else members.set(grantID, new Set([key]));
  }
}
