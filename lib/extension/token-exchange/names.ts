/** The names of RFC 8693. */

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

const TYPE = 'urn:ietf:params:oauth:token-type:';
/** §3 */
export const ACCESS_TOKEN = `${TYPE}access_token`;
export const ID_TOKEN = `${TYPE}id_token`;
export const JWT = `${TYPE}jwt`;
