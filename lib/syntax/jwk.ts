/** Members of private and of symmetric keys. @see RFC 7518 §6.2.2, §6.3.2, §6.4 */
const SECRET = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/** The name of a member of a JWK that is private or symmetric; or `oct`, the type of symmetric keys; undefined for a public key. */
export function secretMemberOf(jwk: object): string | undefined {
  return SECRET.find((name) => name in jwk) ?? (Reflect.get(jwk, 'kty') === 'oct' ? 'oct' : undefined);
}
