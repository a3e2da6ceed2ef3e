/** The `typ` of a JWT as it is compared: `application/` may be left out, and case does not matter. @see RFC 7515 §4.1.9 */
export function jwtType(typ: string): string {
  return typ.toLowerCase().replace(/^application\//, '');
}
