/** Puts the server of this checkout beside the bundles, as a wheel: what the extension installs where there is none. */
import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';

const ROOT = '../..';
const FOLDER = 'editors/vscode/dist/server';
const python = process.env['PYTHON'] ?? 'python3';

// One of an earlier version would be packed too.
await rm(`${ROOT}/${FOLDER}`, { recursive: true, force: true });
const build = ['-m', 'pip', 'wheel', '--quiet', '--no-deps', '--wheel-dir', FOLDER, '.'];
execFileSync(python, build, { cwd: ROOT, stdio: 'inherit' });
