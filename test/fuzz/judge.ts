/** Whether an answer is one that a server may give, whatever it was asked. */
import type { Answer } from './answer.js';
import { ASKED } from './ciba-live.js';
import { ROUTE } from './house.js';
import { judgeAuthorization } from './judge-authorization.js';
import { judgeBackchannelPage } from './judge-backchannel.js';
import { judgeDevicePage } from './judge-device.js';
import { errorIn } from './judge-errors.js';
import { judgeBearer, judgeClientEndpoint, judgeDocument } from './judge-tokens.js';
import { repeatable } from './meaning.js';
import type { Sent } from './render.js';
import type { Exchanged } from './wire.js';

export interface Verdict {
  /** What came of it, in a few words, to be counted. */
  readonly outcome: string;
  readonly faults: readonly string[];
}

/** Every header that an answer may have; any other was put there by the request. */
const HEADERS: ReadonlySet<string> = new Set([
  ...[
    'connection',
    'keep-alive',
    'date',
    'content-type',
    'content-length',
    'transfer-encoding',
    'cache-control',
    'pragma',
  ],
  ...[
    'location',
    'referrer-policy',
    'x-frame-options',
    'content-security-policy',
    'www-authenticate',
    'set-cookie',
    'allow',
    'accept-encoding',
  ],
  ...[
    'access-control-allow-origin',
    'access-control-allow-methods',
    'access-control-allow-headers',
    'access-control-expose-headers',
    'access-control-max-age',
    'vary',
    'x-trace-id',
    ROUTE.toLowerCase(),
    ASKED.toLowerCase(),
  ],
]);

function headerFaults({ headers, all }: Answer): string[] {
  const names = new Set(headers.map(([name]) => name));
  return [...names].flatMap((name) => {
    if (!HEADERS.has(name)) return [`a header that nobody sets: ${name}`];
    return all(name).length > 1 && name !== 'set-cookie' ? [`${name} comes ${all(name).length} times`] : [];
  });
}

/** Enough of a secret for it to be no accident. */
const partsOf = (secret: string): readonly string[] =>
  secret.length < 24 ? [secret] : [secret.slice(-20), ...(secret.startsWith('eyJ') ? [] : [secret.slice(0, 20)])];

/** Secrets that were presented, and stand in the answer. */
function echoFaults(sent: Sent, { headers, text }: Answer, shown: readonly string[]): string[] {
  const answer = [...headers.flatMap(([name, value]) => (name === 'set-cookie' ? [] : [value])), text].join('\n');
  const plain = `${answer}\n${decodeURIComponent(answer.replace(/%(?![0-9a-f]{2})/gi, '%25').replace(/%[89a-f][0-9a-f]/gi, '?'))}`;
  const told = repeatable(sent);
  return sent.live.secrets
    .filter((secret) => secret && !shown.includes(secret))
    .flatMap(partsOf)
    .filter((part) => plain.includes(part) && !told.includes(part))
    .map((part) => `it says a secret again: ${part}`);
}

function judgeElsewhere(answer: Answer, { target }: Sent): Verdict {
  const { status, text, get } = answer;
  if (target.includes('/.well-known/oauth-protected') && status < 300) return judgeDocument(answer);
  if (status < 400) return { outcome: `nowhere ${status}`, faults: [`${status} from no route`] };
  const isJSON = get('content-type')?.startsWith('application/json') ?? false;
  const { code, faults } = isJSON && text ? errorIn(answer, ['invalid_request']) : { code: '', faults: [] };
  return { outcome: `nowhere ${status} ${code}`, faults };
}

function judgeRoute(answer: Answer, sent: Sent, house: string): Verdict {
  const route = answer.get(ROUTE.toLowerCase());
  switch (route) {
    case undefined:
      return judgeElsewhere(answer, sent);
    case 'document':
      return judgeDocument(answer);
    case 'bearer':
      return judgeBearer(answer, sent);
    case 'token':
    case 'introspect':
    case 'revoke':
    case 'par':
    case 'device_authorization':
    case 'backchannel_authentication':
      return judgeClientEndpoint(route, answer, sent, house);
    case 'backchannel':
      return judgeBackchannelPage(answer, sent, house);
    case 'device':
      return judgeDevicePage(answer, sent, house);
    default:
      return judgeAuthorization(route, answer, sent, house);
  }
}

export function judgeAnswer(answer: Answer, sent: Sent, house: string): Verdict {
  const { outcome, faults } = judgeRoute(answer, sent, house);
  const { status } = answer;
  const isDialog = outcome.endsWith('dialog'); // which carries the ID of its transaction, for its form
  const shown = isDialog ? sent.live.waiting.map(({ transactionID }) => transactionID) : [];
  const isTold = status >= 200 && status < 500;
  return {
    outcome,
    faults: [...(isTold ? [] : [`${status}`]), ...headerFaults(answer), ...echoFaults(sent, answer, shown), ...faults],
  };
}

/** Bytes above which the server answers without having read all, so that the answer may be lost with the connection. */
const LARGE = 60_000;

export function judge(sent: Sent, { answers, rest, isClosed }: Exchanged, house: string): readonly Verdict[] {
  const verdicts = answers.map((answer) => judgeAnswer(answer, sent, house));
  const mayClose = sent.isOdd || sent.draft.method === 'CONNECT' || sent.bytes.length > LARGE;
  if (answers.length === 0 && isClosed && mayClose) return [{ outcome: 'closed', faults: [] }];
  if (answers.length === 0) return [{ outcome: 'closed', faults: ['the connection was closed without an answer'] }];
  const spare = rest.length > 0 || (answers.length > 1 && !sent.isOdd);
  return spare ? [...verdicts, { outcome: 'spare', faults: ['there is more than one answer'] }] : verdicts;
}
