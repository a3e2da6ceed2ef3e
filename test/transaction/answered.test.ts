import assert from 'node:assert/strict';
import { Answered, DIALOG_LIFETIME } from '../../lib/transaction/answered.js';

describe('transaction/answered', () => {
  function answeredAt(start: number) {
    let now = start;
    const answered = new Answered(() => now);
    return {
      answered,
      later: (seconds: number) => {
        now += seconds;
      },
    };
  }

  it('remembers what was answered, and nothing else', () => {
    const { answered } = answeredAt(1000);
    answered.add('a');
    assert.deepEqual([answered.has('a'), answered.has('b')], [true, false]);
  });

  it('for as long as a transaction may wait', () => {
    const { answered, later } = answeredAt(1000);
    answered.add('a');
    later(DIALOG_LIFETIME);
    answered.add('b');
    assert.equal(answered.has('a'), true);
    later(1);
    answered.add('c');
    assert.deepEqual([answered.has('a'), answered.has('b'), answered.has('c')], [false, true, true]);
  });

  it('and no more than fit: the oldest is forgotten first', () => {
    const { answered } = answeredAt(1000);
    for (let id = 0; id <= 100_000; id++) answered.add(`${id}`);
    assert.deepEqual([answered.has('0'), answered.has('1'), answered.has('100000')], [false, true, true]);
  });

  it('answers are bounded in size: they have what strangers sent', () => {
    const { answered } = answeredAt(1000);
    const keep = (id: string, length: number) => {
      const record = { protocol: 'oauth2', client: null, redirectURI: '', req: { type: '', clientID: '' } } as const;
      answered.keep(id, { record: { ...record, answer: 'x'.repeat(length) }, isSent: () => true });
    };
    keep('first', 2000);
    for (let id = 0; id < 5000; id++) keep(`small ${id}`, 2000);
    assert.ok(answered.answerTo('first'));
    for (let id = 0; id < 500; id++) keep(`large ${id}`, 100_000);
    assert.equal(answered.answerTo('first'), undefined);
    assert.equal(answered.answerTo('large 0'), undefined);
    assert.ok(answered.answerTo('large 499'));
  });

  it('what is answered in a turn is known in it and after it, and what is given back is not', async () => {
    const { answered } = answeredAt(1000);
    await answered.inTurn('a', async () => {
      answered.add('a');
      assert.equal(answered.has('a'), true);
    });
    assert.equal(answered.has('a'), true);
    await answered.inTurn('a', async () => answered.forget('a'));
    assert.equal(answered.has('a'), false);
  });

  it('a turn begins when those before it have ended, also one that failed', async () => {
    const { answered } = answeredAt(1000);
    const order: string[] = [];
    let end = (): void => {};
    const first = answered.inTurn('a', async () => {
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      order.push('first');
      throw new Error('failed');
    });
    const second = answered.inTurn('a', async () => void order.push('second'));
    await answered.inTurn('b', async () => void order.push('another dialog'));
    assert.equal(answered.untilAnswered('b'), undefined);
    const waited = answered.untilAnswered('a')?.then(() => order.push('waited'));
    await Promise.resolve().then(end);
    await Promise.all([assert.rejects(first, /failed/), second, waited]);
    assert.deepEqual(order, ['another dialog', 'first', 'second', 'waited']);
    assert.equal(answered.untilAnswered('a'), undefined);
  });
});
