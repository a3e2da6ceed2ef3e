/** Judges elements of `authorization_details` by the types that the server declares. @see RFC 9396 §5, §6 */
import { isText, listOf } from '../../clients/member.js';
import { isPartOf } from './compare.js';
import { type AuthorizationDetail, type AuthorizationDetails, wrongCommonField } from './detail.js';
import { invalidDetails } from './invalid.js';
import type { DetailType } from './options.js';

/** What is wrong with the fields of an element: a text for the client, and one for the operator. Undefined if nothing is wrong. */
function faultOfFields<C>(
  { required = [], optional = [] }: DetailType<C>,
  detail: AuthorizationDetail,
): readonly [message: string, field: string] | undefined {
  const known = new Set(['type', ...required, ...optional]);
  const unknown = Object.keys(detail).find((name) => !known.has(name));
  if (unknown !== undefined) return ['has a field that its type does not have', unknown];
  const missing = required.find((name) => !Object.hasOwn(detail, name));
  if (missing !== undefined) return [`has no ${missing}`, missing];
  const wrong = wrongCommonField(detail);
  return wrong === undefined ? undefined : [`${wrong} is of the wrong kind`, wrong];
}

/** The types that a server declares. */
export class DetailTypes<C> {
  readonly #types: ReadonlyMap<string, DetailType<C>>;

  constructor(types: ReadonlyMap<string, DetailType<C>>) {
    this.#types = types;
  }

  /** Whether the server has the type, and the client may use it. Asked again at each use, since both may have changed after the grant. RFC 9396 §10 */
  isAllowed({ type }: AuthorizationDetail, client: C): boolean {
    if (!this.#types.has(type)) return false;
    return listOf(client, 'authorization_details_types', isText)?.includes(type) ?? true; // a malformed list allows nothing
  }

  /**
   * Judges what a client asks for.
   *
   * @throws OAuth2Error `invalid_authorization_details` for an unknown type, for a type that the client did not register, and for unknown, missing and wrong
   * fields. @see RFC 9396 §5
   */
  async requireValid(details: AuthorizationDetails, client: C): Promise<void> {
    for (const [index, detail] of details.entries()) {
      const at = `authorization_details[${index}]`;
      const type = this.#types.get(detail.type);
      if (!type)
        throw invalidDetails(`${at} has an unknown type`, 'It is not among authorizationDetails({ types })', {
          came: detail.type,
        });
      if (!this.isAllowed(detail, client))
        throw invalidDetails(
          `${at} has a type that is not for this client`,
          'It is not among the registered authorization_details_types',
          {
            came: detail.type,
          },
        );
      const [message, field] = faultOfFields(type, detail) ?? [];
      if (message !== undefined)
        throw invalidDetails(`${at} ${message}`, 'Its fields are not those of its type', { type: detail.type, field });
      if ((await type.validate(detail, client)) !== true)
        throw invalidDetails(`${at} has a value that its type does not allow`, 'validate refuses it', {
          type: detail.type,
        });
    }
  }

  /** Whether a granted element includes the asked one. @see RFC 9396 §6.1 */
  async includes(granted: AuthorizationDetail, asked: AuthorizationDetail): Promise<boolean> {
    const type = this.#types.get(asked.type);
    if (!type || granted.type !== asked.type) return false; // §12: names of types are compared as they are written
    return (type.covers ? await type.covers(granted, asked) : isPartOf(granted, asked)) === true;
  }

  /** Whether an element may be granted for a requested one: as a part of it, or enriched. @see RFC 9396 §7.1 */
  async mayBecome(asked: AuthorizationDetail, granted: AuthorizationDetail): Promise<boolean> {
    if (await this.includes(asked, granted)) return true;
    return granted.type === asked.type && (await this.#types.get(asked.type)?.enriches?.(asked, granted)) === true;
  }

  /** Whether a client may have an element without a user. @see RFC 9396 §6 */
  async clientMayHave(detail: AuthorizationDetail, client: C): Promise<boolean> {
    return (await this.#types.get(detail.type)?.clientMayHave?.(detail, client)) === true;
  }
}
