/** Runs the program as somebody at a terminal does. */
import { runCommand } from '../../lib/command/run.js';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What was asked. */
  readonly questions: readonly string[];
}

/** @param answers what is answered to the questions; without it nobody is there */
export async function type(args: readonly string[], answers?: readonly string[]): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  const questions: string[] = [];
  const left = [...(answers ?? [])];
  const ask = async (question: string): Promise<string> => {
    questions.push(question);
    const answer = left.shift();
    if (answer === undefined) throw new Error(`nobody answers: ${question}`);
    return answer;
  };
  const code = await runCommand(args, {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    ask: answers && ask,
  });
  return { code, out: out.join(''), err: err.join(''), questions };
}
