/** A project in a temporary folder, which `koauthorize migrate` reads. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Said, type } from '../terminal.js';

export interface ReportedPlace {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

export interface ReportedPart {
  readonly rule: string;
  readonly places: readonly ReportedPlace[];
}

/** The report as `--json` has it, as far as tests read it. */
export interface Report {
  readonly filesRead: number;
  readonly libraries: readonly {
    readonly library: string;
    readonly packages: readonly { readonly name: string; readonly range: string; readonly file: string }[];
    readonly steps: readonly string[];
    readonly found: readonly ReportedPart[];
    readonly searchFor: readonly Partial<ReportedPart>[];
    readonly notUnderstood: readonly ReportedPlace[];
  }[];
  readonly notRead: readonly { readonly path: string; readonly why: string }[];
}

export interface Project {
  readonly folder: string;
  write(files: Readonly<Record<string, string | Buffer>>): void;
  migrate(...options: string[]): Promise<Said>;
  report(): Promise<Report>;
  remove(): void;
}

export function newProject(): Project {
  const folder = mkdtempSync(join(tmpdir(), 'koauthorize-migrate-'));
  const migrate = (...options: string[]) => type(['migrate', folder, ...options]);
  return {
    folder,
    write(files) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
    },
    migrate,
    report: async () => JSON.parse((await migrate('--json')).out),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Each place that was found, as `rule file:line`. */
export const foundIn = (report: Report): string[] =>
  report.libraries.flatMap(({ found }) =>
    found.flatMap(({ rule, places }) => places.map(({ file, line }) => `${rule} ${file}:${line}`)),
  );
