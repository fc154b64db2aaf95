/**
 * The settings: those of the server are sent to it, the others are for this extension alone.
 *
 * Which are the server's is what `package.json` says under the title below; that part of it is generated.
 */
import { workspace } from 'vscode';
import manifest from '../package.json';

export const SECTION = 'phi-lsp';
const OF_THE_SERVER = 'Server';

const keys = manifest.contributes.configuration
  .filter((part) => part.title === OF_THE_SERVER)
  .flatMap((part) => Object.keys(part.properties))
  .map((name) => name.slice(SECTION.length + 1));

/** The name of the server's wheel; both are released as one. */
export const WHEEL = `phi_lsp-${manifest.version}-py3-none-any.whl`;

/** The server's settings as they are now. */
export function serverSettings(): Record<string, unknown> {
  const configuration = workspace.getConfiguration(SECTION);
  return Object.fromEntries(keys.map((key) => [key, configuration.get(key)]));
}

/** Where the user says the server is; empty: look for it. */
export function chosenProgram(): string {
  return workspace.getConfiguration(SECTION).get('path', '').trim();
}

/** The model that the user wants, which need not be the one that is served. */
export function chosenModel(): string {
  return workspace.getConfiguration(SECTION).get('model', 'default');
}

/** What pip is to install as the server; empty: the one that came with this extension. */
export function chosenRequirement(): string {
  return workspace.getConfiguration(SECTION).get('installFrom', '').trim();
}
