/** The names of RFC 8628. */
export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
