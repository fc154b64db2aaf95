/** Bundles the extension and the page of its panel, with the licences of what is bundled: `node esbuild.mjs`. */
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const shared = { bundle: true, minify: true, metafile: true, logLevel: 'warning', legalComments: 'none' };

const bundles = await Promise.all([
  build({
    ...shared,
    entryPoints: ['src/extension.ts'],
    outfile: 'dist/extension.js',
    platform: 'node',
    target: 'node20',
    external: ['vscode'],
  }),
  build({ ...shared, entryPoints: ['src/webview/ask.ts'], outfile: 'dist/ask.js', platform: 'browser', target: 'es2022' }),
]);

const inputs = bundles.flatMap((bundle) => Object.keys(bundle.metafile.inputs));
const folders = new Set(inputs.map((path) => /.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean));

async function licence(folder) {
  const { name, version } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) {
    throw new Error(`${name} has no licence file: its licence could not be passed on`);
  }
  return `${name} ${version}\n\n${(await readFile(`${folder}/${file}`, 'utf8')).trim()}\n`;
}

const licences = await Promise.all([...folders].sort().map(licence));
await writeFile('dist/licences.txt', licences.join(`\n${'-'.repeat(80)}\n\n`));
