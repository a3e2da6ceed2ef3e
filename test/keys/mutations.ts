/** Changes a JWS as somebody would who wants another text, or another content, to be taken for it. */
import { hash, type KeyObject } from 'node:crypto';
import { signatureOf } from '../../lib/keys/signature.js';
import { inASN1 } from '../support/fake-kms.js';

/** Chance that repeats itself. @returns a function that gives a number from 0 on, below another */
export function seeded(seed: string): (below: number) => number {
  let count = 0;
  return (below) => Number.parseInt(hash('sha256', `${seed} ${count++}`).slice(0, 8), 16) % below;
}

export type Random = ReturnType<typeof seeded>;

const one = <T>(random: Random, list: readonly T[]): T => list[random(list.length)] as T;

export const base64url = (value: string | Uint8Array): string => Buffer.from(value).toString('base64url');

/** Signs any header, also what is no JSON. */
export async function signedAs(alg: string, key: KeyObject, header: string, payload: string): Promise<string> {
  const input = `${base64url(header)}.${base64url(payload)}`;
  return `${input}.${base64url(await signatureOf(alg, key, Buffer.from(input)))}`;
}

/** The header of a good JWS, in forms of which some are none. */
const headers: readonly ((alg: string) => string)[] = [
  (alg) => `{"alg":"${alg}"}`,
  (alg) => ` {"alg" :\n"${alg}"}\t`,
  (alg) => `{"alg":"${alg}","alg":"none"}`,
  (alg) => `{"alg":"none","alg":"${alg}"}`,
  (alg) => `{"alg":["${alg}"]}`,
  (alg) => `[{"alg":"${alg}"}]`,
  (alg) => `\ufeff{"alg":"${alg}"}`,
  (alg) => `{"alg":"${alg}","crit":["exp"],"exp":1}`,
  (alg) => `{"alg":"${alg}","crit":[]}`,
  (alg) => `{"alg":"${alg}","crit":null}`,
  (alg) => `{"alg":"${alg}","b64":false}`,
  (alg) => `{"alg":"${alg}","b64":true,"crit":["b64"]}`,
  (alg) => `{"alg":"${alg}","b64":false,"crit":["b64"]}`,
  (alg) => `{"__proto__":{"alg":"${alg}"}}`,
  (alg) => `{"alg":"${alg}","constructor":1,"toString":null}`,
  (alg) => `{"alg":"${alg.toLowerCase()}"}`,
  (alg) => `{"alg":"\\u00${alg.charCodeAt(0).toString(16)}${alg.slice(1)}"}`,
  (alg) => `{"alg":"${alg}"}{}`,
  (alg) => `{"alg":"${alg}",}`,
  () => 'null',
  () => '{}',
  () => '',
];

const payloads = ['{}', '', '[1]', '{"a":1,"a":2}', '\ufeff{}', 'null', '"text"', '\0', '{"exp":1e999}'];

/** Signatures that are none, or the right one in another form. */
const signatures: readonly ((signature: Buffer) => Buffer)[] = [
  (signature) => Buffer.alloc(signature.length),
  (signature) => Buffer.alloc(signature.length, 0xff),
  (signature) => inASN1(signature),
  (signature) => Buffer.concat([signature, signature]),
  (signature) => Buffer.concat([Buffer.alloc(1), signature]),
  (signature) => Buffer.concat([signature, Buffer.alloc(1)]),
  (signature) => Buffer.concat([signature.subarray(signature.length / 2), signature.subarray(0, signature.length / 2)]),
  (signature) => signature.subarray(1),
  () => Buffer.alloc(0),
  (signature) => signature.map((byte, i) => (i === 5 ? byte ^ 1 : byte)) as Buffer,
];

const INSERTED = ['=', ' ', '\n', '+', '/', '.', 'A', '_', 'é', '\0', '\u200b'];
const OTHERS = ['none', 'HS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519', 'RS256', 'PS256', 'RS512', 'ES256K', ''];

/** A letter of base64url whose last bits differ: where they belong to no byte, the bytes stay the same. */
function nextLetter(letter: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return letters[letters.indexOf(letter) ^ 1] ?? 'A';
}

/** One change at random. */
export async function mutated(good: string, alg: string, key: KeyObject, random: Random): Promise<string> {
  const parts = good.split('.');
  const [header = '', payload = '', signature = ''] = parts;
  const at = random(good.length + 1);
  const changes: readonly (() => string | Promise<string>)[] = [
    () => good,
    () => good.slice(0, at) + one(random, INSERTED) + good.slice(at),
    () => good.slice(0, at) + good.slice(at + 1),
    () => good.slice(0, at) + nextLetter(good[at] ?? '') + good.slice(at + 1),
    () => good.slice(0, at),
    () => good + one(random, ['=', '==', '.', '.e30', ' ']),
    () => parts.map((part, i) => (i === at % 3 ? part.slice(0, -1) + nextLetter(part.at(-1) ?? '') : part)).join('.'),
    () => parts.toReversed().join('.'),
    () => `${header}.${payload}.${base64url(one(random, signatures)(Buffer.from(signature, 'base64url')))}`,
    () => `${base64url(JSON.stringify({ alg: one(random, OTHERS) }))}.${payload}.${signature}`,
    () => signedAs(alg, key, one(random, headers)(alg), '{}'),
    () => signedAs(alg, key, one(random, headers)(alg), one(random, payloads)),
  ];
  return one(random, changes)();
}
