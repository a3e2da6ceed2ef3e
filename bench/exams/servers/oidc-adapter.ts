/** Where oidc-provider keeps its records: one table, with what came of each grant. */
import { type Adapter, type AdapterConstructor, type AdapterPayload, errors } from 'oidc-provider';
import { Records } from './records.js';

export interface SecondUse {
  /** Whether `consume` throws where it was consumed before, in the same statement: the documentation does not ask for that. */
  readonly refusesSecondUse: boolean;
}

type Row = AdapterPayload & { readonly model: string };

const rows = new Records<Row>();
/** Sessions by their second name. */
const sessions = new Records<string>();

class TableAdapter implements Adapter {
  readonly #model: string;

  constructor(model: string) {
    this.#model = model;
  }

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    await rows.put(this.key(id), { ...payload, model: this.#model });
    if (this.#model === 'Session' && payload.uid !== undefined) await sessions.put(payload.uid, id);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return structuredClone(await rows.get(this.key(id)));
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.find((await sessions.get(uid)) ?? '');
  }

  /** Of the device flow, which is off. */
  async findByUserCode(): Promise<undefined> {}

  async consume(id: string): Promise<void> {
    await rows.update(this.key(id), () => true, { consumed: Math.floor(Date.now() / 1000) });
  }

  async destroy(id: string): Promise<void> {
    await rows.take(this.key(id));
  }

  revokeByGrantId(grantID: string): Promise<void> {
    return rows.removeAll(({ model, grantId }) => model === this.#model && grantId === grantID);
  }

  protected key(id: string): string {
    return `${this.#model}:${id}`;
  }
}

class RefusingAdapter extends TableAdapter {
  override async consume(id: string): Promise<void> {
    const change = { consumed: Math.floor(Date.now() / 1000) };
    const isFirst = await rows.update(this.key(id), ({ consumed }) => !consumed, change);
    if (!isFirst) throw new errors.InvalidGrant('it was used');
  }
}

export const adapterOf = ({ refusesSecondUse }: SecondUse): AdapterConstructor =>
  refusesSecondUse ? RefusingAdapter : TableAdapter;
