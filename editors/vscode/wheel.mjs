/** Puts the server of this checkout beside the bundles, as a wheel: what the extension installs where there is none. */
import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';

const FOLDER = 'dist/server';
const python = process.env['PYTHON'] ?? 'python3';

// One of an earlier version would be packed too.
await rm(FOLDER, { recursive: true, force: true });
execFileSync(python, ['-m', 'pip', 'wheel', '--quiet', '--no-deps', '--wheel-dir', FOLDER, '../..'], { stdio: 'inherit' });
