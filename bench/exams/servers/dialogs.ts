/** What waits for the decision, for toolkits that leave that to the application: bound to the user's session, and taken by one statement. */
import type { ParameterizedContext } from 'koa';
import type { User } from '../../servers/clients.js';
import { newToken } from '../../servers/peers/application.js';
import type { WithSession } from './pages.js';
import { Records } from './records.js';
import { users } from './world.js';

type Visit = ParameterizedContext<object, WithSession & { session: { visit?: string } }>;

interface Row<T> {
  readonly visit: string;
  readonly user: User;
  readonly waiting: T;
}

export class Dialogs<T> {
  readonly #rows = new Records<Row<T>>();

  /** Who is logged in. @throws HttpError */
  userOf(ctx: Visit): User {
    return users.get(ctx.session.user ?? '') ?? ctx.throw(401);
  }

  /** @returns its ID, which is also the CSRF token of the form */
  async begin(ctx: Visit, user: User, waiting: T): Promise<string> {
    ctx.session.visit ??= newToken();
    const id = newToken();
    await this.#rows.put(id, { visit: ctx.session.visit, user, waiting });
    return id;
  }

  /** @throws HttpError where none waits in this session for this user */
  async end(ctx: Visit, { transaction_id }: Record<string, unknown>): Promise<Row<T>> {
    const user = this.userOf(ctx);
    const isTheirs = (row: Row<T>): boolean => row.visit === ctx.session.visit && row.user.id === user.id;
    return (await this.#rows.take(String(transaction_id), isTheirs)) ?? ctx.throw(400);
  }
}
