/** The tables of a PostgreSQL store, and the migration that creates them. */

export interface TableNames {
  readonly tokens: string;
  readonly revoked: string;
  readonly schema: string;
}

/** A name, or a schema and a name. The name has at most 45 characters, since PostgreSQL cuts the longer names of its indexes at 63 bytes. */
const NAME = /^(?:[a-z_][a-z0-9_]{0,62}\.)?[a-z_][a-z0-9_]{0,44}$/;

/** @throws {TypeError} if the name is invalid */
export function tableNames(table: string): TableNames {
  if (!NAME.test(table)) throw new TypeError(`Not the name of a table, in lower case: ${table}`);
  return { tokens: table, revoked: `${table}_revoked`, schema: `${table}_schema` };
}

/** The indexes that the tables are made with, besides those of their primary keys. */
export function indexNames(table: string): readonly string[] {
  const index = table.replace(/^.*\./, '');
  return ['authorization', 'subject', 'expiry', 'revoked_expiry'].map((name) => `${index}_${name}`);
}

/** The migrations, each from one version to the next. A released one must not be changed: add new ones at the end. */
function steps({ tokens, revoked }: TableNames): readonly string[] {
  const index = tokens.replace(/^.*\./, '');
  return [
    `CREATE TABLE ${tokens} (
       id text COLLATE "C" PRIMARY KEY,
       kind text NOT NULL,
       authorization_id text COLLATE "C" NOT NULL,
       client_id text NOT NULL,
       subject text COLLATE "C",
       expires_at float8 NOT NULL,
       data text NOT NULL,
       consumed_at float8,
       seal text
     );
     CREATE INDEX ${index}_authorization ON ${tokens} (authorization_id);
     CREATE INDEX ${index}_subject ON ${tokens} (subject) WHERE consumed_at IS NULL;
     CREATE INDEX ${index}_expiry ON ${tokens} (expires_at);
     CREATE TABLE ${revoked} (
       authorization_id text COLLATE "C" PRIMARY KEY,
       until float8 NOT NULL
     );
     CREATE INDEX ${index}_revoked_expiry ON ${revoked} (until);`,
  ];
}

/**
 * The migration as one statement: it runs as one transaction, on any connection of the pool. Processes that start at the same time run it one
 * after the other. If the tables are up to date it only reads, so the role needs no right to create tables.
 */
export function migration(names: TableNames): string {
  const { schema } = names;
  const latest = steps(names).length;
  const upgrades = steps(names).map((step, i) => `IF version <= ${i} THEN ${step} END IF;`);
  return `DO $migration$
    DECLARE version int := 0;
    BEGIN
      IF to_regclass('${schema}') IS NOT NULL THEN SELECT max(s.version) INTO version FROM ${schema} s; END IF;
      IF version = ${latest} THEN RETURN; END IF;
      PERFORM pg_advisory_xact_lock(hashtextextended('koauthorize ${schema}', 0));
      CREATE TABLE IF NOT EXISTS ${schema} (version int NOT NULL);
      SELECT coalesce(max(s.version), 0) INTO version FROM ${schema} s;
      IF version > ${latest} THEN
        RAISE EXCEPTION '% is of version %, this koauthorize knows %', '${schema}', version, ${latest};
      END IF;
      ${upgrades.join('\n')}
      IF version < ${latest} THEN INSERT INTO ${schema} VALUES (${latest}); END IF;
    END $migration$`;
}
