/**
 * Where the server is: the places in which it is looked for, the nearest to the user's own choice first.
 *
 * Nothing is run here. A folder that is not trusted has no say in which program is started.
 */
import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { extensions, workspace } from 'vscode';
import type { Uri } from 'vscode';
import { chosenProgram } from './configuration';

export interface Server {
  readonly program: string;
  /** Where it was found, for people. */
  readonly origin: string;
}

interface Place {
  readonly origin: string;
  folders(): Promise<readonly string[]> | readonly string[];
}

const WINDOWS = process.platform === 'win32';
export const SCRIPTS = WINDOWS ? 'Scripts' : 'bin';
const PROGRAM = WINDOWS ? 'phi-lsp.exe' : 'phi-lsp';

/** The private environment that this extension installs the server into. */
export function privateEnvironment(storage: Uri): string {
  return join(storage.fsPath, 'server');
}

/** The server's program in a Python environment. */
export function serverIn(environment: string): string {
  return join(environment, SCRIPTS, PROGRAM);
}

function places(storage: Uri): readonly Place[] {
  return [
    { origin: 'the Python environment of this workspace', folders: selectedEnvironment },
    { origin: 'the active virtual environment', folders: () => scriptsOf(process.env['VIRTUAL_ENV']) },
    { origin: 'the folder .venv of this workspace', folders: workspaceEnvironments },
    { origin: 'PATH', folders: () => (process.env['PATH'] ?? '').split(delimiter) },
    { origin: 'the tools of uv or pipx', folders: toolFolders },
    { origin: "the extension's private environment", folders: () => scriptsOf(privateEnvironment(storage)) },
  ];
}

/** The server, or undefined where there is none. Rejects where the setting names a program that is not there. */
export async function findServer(storage: Uri): Promise<Server | undefined> {
  const chosen = chosenProgram();
  if (chosen !== '') {
    return await configured(chosen);
  }
  for (const place of places(storage)) {
    for (const folder of await place.folders()) {
      const program = join(folder, PROGRAM);
      if (folder !== '' && (await isProgram(program))) {
        return { program, origin: place.origin };
      }
    }
  }
  return undefined;
}

async function configured(chosen: string): Promise<Server> {
  const program = chosen.startsWith('~/') ? join(homedir(), chosen.slice(2)) : chosen;
  if (!(await isProgram(program))) {
    throw new Error(`the setting phi-lsp.path names ${program}, which is no program: correct the setting, or empty it`);
  }
  return { program, origin: 'the setting phi-lsp.path' };
}

/** Whether it can be run. */
export async function isProgram(program: string): Promise<boolean> {
  try {
    await access(program, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function scriptsOf(environment: string | undefined): readonly string[] {
  return environment === undefined || environment === '' ? [] : [join(environment, SCRIPTS)];
}

function workspaceEnvironments(): readonly string[] {
  const folders = workspace.isTrusted ? (workspace.workspaceFolders ?? []) : [];
  return folders.filter((folder) => folder.uri.scheme === 'file').map((folder) => join(folder.uri.fsPath, '.venv', SCRIPTS));
}

/** What is used of the API of the Python extension. */
interface PythonExtension {
  readonly environments?: { getActiveEnvironmentPath(): { readonly path: string } };
}

async function selectedEnvironment(): Promise<readonly string[]> {
  const python = extensions.getExtension<PythonExtension>('ms-python.python');
  if (python === undefined || !workspace.isTrusted) {
    return [];
  }
  try {
    const path = (await python.activate()).environments?.getActiveEnvironmentPath().path;
    return path === undefined ? [] : [dirname(path), join(path, SCRIPTS)];
  } catch {
    // Another extension's trouble does not keep the server from being found elsewhere.
    return [];
  }
}

function toolFolders(): readonly string[] {
  const { UV_TOOL_BIN_DIR, PIPX_BIN_DIR, XDG_BIN_HOME } = process.env;
  return [UV_TOOL_BIN_DIR, PIPX_BIN_DIR, XDG_BIN_HOME, join(homedir(), '.local', 'bin')].map((folder) => folder ?? '');
}
