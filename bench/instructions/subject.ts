/** What answers the requests that are counted: the application on a build of the package, or a server of bench/servers. */
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { application, type Build } from '../servers/application.js';
import { type ServerEntry, servers } from '../servers/index.js';
import { served } from '../servers/serve.js';
import { type Dialog, usualDialog } from '../workloads/dialog.js';
import { type Furnishing, furnishings } from './furnishings.js';

export interface Subject {
  readonly listener: RequestListener;
  /** Its way through the dialog. */
  readonly dialog: Dialog;
}

/** Before a name of bench/servers: what has none is a directory with a build. */
const SERVER = 'server:';

/** Before a furnishing, a colon and a directory with a build. */
const FURNISHED = 'furnished:';

/** The server of that name. @throws Error when there is none */
export function serverCalled(name: string): ServerEntry {
  const found = servers.find((one) => one.name === name);
  if (!found) throw new Error(`There is no server ${name}, only ${servers.map((one) => one.name).join(', ')}`);
  return found;
}

/** How a server is named to `subjectOf`. */
export function subjectName({ name }: ServerEntry): string {
  return `${SERVER}${name}`;
}

/** How a build is named to `subjectOf` whose server has something besides. */
export function furnishedName(furnishing: Furnishing, checkout: string): string {
  return `${FURNISHED}${furnishing}:${checkout}`;
}

async function buildIn(checkout: string): Promise<Build> {
  const load = (path: string) => import(pathToFileURL(join(checkout, 'dist', path)).href);
  return {
    main: await load('index.js'),
    clientAuth: await load('client-auth/index.js'),
    resourceServer: await load('resource-server/index.js'),
    tokenService: await load('token-service/index.js'),
  };
}

async function ofBuild(checkout: string): Promise<Subject> {
  return { listener: application(await buildIn(checkout)), dialog: usualDialog };
}

async function ofFurnished(name: string, checkout: string): Promise<Subject> {
  const build = await buildIn(checkout);
  const furnish = furnishings[name as Furnishing];
  return { listener: application(build, await furnish(build)), dialog: usualDialog };
}

async function ofServer({ name, dialog = usualDialog }: ServerEntry): Promise<Subject> {
  const listeners: RequestListener[] = [];
  served.subscribe((listener) => listeners.push(listener as RequestListener));
  await import(`../servers/${name}.js`);
  const [listener] = listeners;
  if (!listener) throw new Error(`${name} serves nothing`);
  return { listener, dialog };
}

/** @param what a directory with a build in its `dist`, or what `subjectName` gave */
export function subjectOf(what: string): Promise<Subject> {
  const [, furnishing = '', directory = ''] = what.startsWith(FURNISHED) ? what.split(':') : [];
  if (furnishing) return ofFurnished(furnishing, directory);
  return what.startsWith(SERVER) ? ofServer(serverCalled(what.slice(SERVER.length))) : ofBuild(what);
}
