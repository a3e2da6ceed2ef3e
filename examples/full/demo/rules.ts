/** The protections one sees at work, each in one sentence, and where it is written. */
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
    'The issuer in the answer must be the one that was asked, else another server could pose as this one.',
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
  bound: rule(9449, '10', 'The code, too, is good only with the key whose hash is in the request.'),
  answer: rule(9207, '2.4', 'The iss says which server answered, so that no answer of another one can be slipped in.'),
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
    'A failed attempt costs the code, so a thief cannot guess on, and not even the right verifier helps now.',
  ),
  replay: rule(
    6749,
    '4.1.2',
    'A code counts once; when it comes again someone has copied it, so all tokens that came from it are revoked.',
  ),
  rotation: rule(
    9700,
    '4.14.2',
    'A refresh token counts once: with each new access token comes the next refresh token.',
  ),
  grace: rule(
    9700,
    '4.14.2',
    'Within ten seconds the same client gets the same answer again, since an answer may be lost on the way; later, the old token ends all.',
  ),
  ended: rule(6749, '5.2', 'Whatever ended the access token ended the refresh token, too: it gets nothing any more.'),
  reuse: rule(
    9700,
    '4.14.2',
    'A spent refresh token came back, so it was copied: the server cannot tell who is the thief and ends the whole family.',
  ),
  bearer: rule(6750, '2.1', 'The token says whom Postcards acts for and how far; the API asks for nothing else.'),
  proved: rule(9449, '7.1', 'The token is bound to a key, and the proof shows that Postcards has it.'),
  unproved: rule(
    9449,
    '7.1',
    'The token is bound to the key of Postcards. A copy of the token is worth nothing without the key.',
  ),
  stepUp: rule(
    9470,
    '3',
    'The token is good, and the login behind it too weak for this. The API says what it wants, and Postcards has you log in like that.',
  ),
  insufficient: rule(6750, '3.1', 'You did not allow this, so the token does not carry it and the API refuses.'),
  invalid: rule(6750, '3.1', 'The token is no longer good, so the API refuses whoever brings it.'),
  jwt: rule(
    9068,
    '4',
    'The API checks signature, issuer, audience and time; the token is not for the client, and a real one leaves it closed.',
  ),
  introspection: rule(7662, '2.2', 'Of a token that is not good, the answer says only that, not why.'),
  revocation: rule(
    7009,
    '2.1',
    'With the refresh token goes all that came from the same consent; whoever stole a copy has nothing.',
  ),
  details: rule(
    9396,
    '7',
    'The server answers with the details that you allowed, so Postcards knows what the token is good for, and the token has no others.',
  ),
  exchange: rule(
    8693,
    '2.2.1',
    'The new token is for the Printer, for no more than the old one, and ends when you end the access of Postcards.',
  ),
  notExchanged: rule(8693, '2.2.2', 'A token that is no longer good, or lacks the scope, is exchanged for nothing.'),
  act: rule(8693, '4.1', 'The API sees you as sub and the Printer as act: who asks, and on whose behalf.'),
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

/** A rule is shown where it is seen at work: with an answer that was meant to be given, */
export const whenGiven =
  (rule: Rule) =>
  ({ ok }: Outcome): Rule | undefined =>
    ok ? rule : undefined;

/** or with one that was meant to be refused. */
export const whenRefused =
  (rule: Rule) =>
  ({ status }: Outcome): Rule | undefined =>
    status === 400 ? rule : undefined;
