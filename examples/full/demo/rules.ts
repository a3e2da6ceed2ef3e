/** The protections that the demo shows, each in one sentence, with its source. */
export interface Rule {
  readonly says: string;
  readonly name: string;
  readonly url: string;
}

const rule = (rfc: number, section: string, says: string): Rule => ({
  says,
  name: `RFC ${rfc} §${section}`,
  url: `https://www.rfc-editor.org/rfc/rfc${rfc}#section-${section}`,
});

const openidRule = (specification: string, anchor: string, section: string, says: string): Rule => ({
  says,
  name: `OpenID Connect ${section}`,
  url: `https://openid.net/specs/openid-connect-${specification}.html#${anchor}`,
});

export const RULES = {
  metadata: rule(
    8414,
    '3.3',
    'The issuer in the answer must be the one that was asked. Otherwise another server could pretend to be this one.',
  ),
  challenge: rule(
    7636,
    '4.3',
    'Only the hash of the verifier travels through the browser; the verifier stays with Postcards.',
  ),
  pushed: rule(
    9126,
    '2.2',
    'Nobody on the way has read or changed the request: the browser gets a reference that is good for a minute, and for Postcards alone.',
  ),
  bound: rule(
    9449,
    '10',
    'The code is bound to the key as well: it can be exchanged only with the key whose hash is in the request.',
  ),
  answer: rule(
    9207,
    '2.4',
    'The iss says which server has answered, so that an attacker cannot pass on the answer of another server.',
  ),
  denied: rule(6749, '4.1.2.1', 'Without your consent there is no code, and Postcards learns nothing of you.'),
  verifier: rule(
    7636,
    '4.6',
    'A stolen code is worth nothing: the server compares the verifier with the hash it was shown at the start.',
  ),
  wrongVerifier: rule(
    7636,
    '4.6',
    'The verifier does not fit the hash that was shown at the start, so this cannot be who asked: no tokens.',
  ),
  spent: rule(
    9700,
    '4.2.4',
    'The failed attempt has used up the code: a thief cannot try again, and not even the right verifier helps now.',
  ),
  replay: rule(
    6749,
    '4.1.2',
    'A code can be used once. When it comes a second time, somebody has copied it, so the server revokes all tokens that were issued for it.',
  ),
  rotation: rule(
    9700,
    '4.14.2',
    'A refresh token can be used once: each new access token comes with a new refresh token.',
  ),
  grace: rule(
    9700,
    '4.14.2',
    'Within ten seconds the same client gets the same answer again, because an answer can be lost on the way. After that, the old token ends all tokens of your consent.',
  ),
  ended: rule(
    6749,
    '5.2',
    'What has ended the access token has ended the refresh token as well: Postcards gets no more tokens for it.',
  ),
  reuse: rule(
    9700,
    '4.14.2',
    'A refresh token that was used already came back, so somebody has copied it. The server cannot tell who is the thief, and ends all tokens of your consent.',
  ),
  bearer: rule(
    6750,
    '2.1',
    'The token says for whom Postcards acts, and what it may do. The API asks for nothing more: whoever has the token can use it.',
  ),
  proved: rule(9449, '7.1', 'The token is bound to a key, and the proof shows that Postcards has it.'),
  unproved: rule(
    9449,
    '7.1',
    'The token is bound to the key of Postcards. A copy of the token is worth nothing without the key.',
  ),
  stepUp: rule(
    9470,
    '3',
    'The token is good, but the login behind it is too weak for this. The API says which login it wants, and Postcards can send you to log in that way.',
  ),
  insufficient: rule(6750, '3.1', 'You did not allow this, so the token does not carry it and the API refuses.'),
  invalid: rule(6750, '3.1', 'The token is no longer good, so the API refuses it, whoever sends it.'),
  jwt: rule(
    9068,
    '4',
    'The API checks the signature, the issuer, the audience and the time. The token is meant for the API: a real client does not look into it.',
  ),
  introspection: rule(
    7662,
    '2.2',
    'The answer says whose token it is and what it allows. Of a token that is not good it says only that, and not why.',
  ),
  revocation: rule(
    7009,
    '2.1',
    'Revoking the refresh token ends all tokens of the same consent: a stolen copy is worth nothing.',
  ),
  details: rule(
    9396,
    '7',
    'The server answers with the details that you allowed. So Postcards knows what the token allows, and it allows nothing else.',
  ),
  exchange: rule(
    8693,
    '2.2.1',
    'The new token is for the Printer, for no more than the old one, and ends when you end the access of Postcards.',
  ),
  notExchanged: rule(8693, '2.2.2', 'A token that is no longer good, or that lacks the scope, cannot be exchanged.'),
  act: rule(8693, '4.1', 'The API sees you as sub and the Printer as act: who asks, and for whom.'),
  idToken: openidRule(
    'core-1_0',
    'IDTokenValidation',
    'Core §3.1.3.7',
    'An ID token counts when the server has signed it, for this application, as the answer to this request.',
  ),
  backChannel: openidRule(
    'backchannel-1_0',
    'Validation',
    'Back-Channel Logout §2.6',
    'The logout token is signed, for this application, and names the session that is over.',
  ),
} as const;

interface Outcome {
  readonly ok: boolean;
  readonly status: number;
}

/** Shows a rule with a successful answer. */
export const whenGiven =
  (rule: Rule) =>
  ({ ok }: Outcome): Rule | undefined =>
    ok ? rule : undefined;

/** Shows a rule with a refusal. */
export const whenRefused =
  (rule: Rule) =>
  ({ status }: Outcome): Rule | undefined =>
    status === 400 ? rule : undefined;
