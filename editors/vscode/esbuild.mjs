/** Bundles the extension and the page of its panel: `node esbuild.mjs`. */
import { build } from 'esbuild';

const shared = { bundle: true, minify: true, logLevel: 'warning', legalComments: 'none' };

await build({
  ...shared,
  entryPoints: ['src/extension.ts'],
  outfile: 'dist/extension.js',
  platform: 'node',
  target: 'node20',
  external: ['vscode'],
});
await build({ ...shared, entryPoints: ['src/webview/ask.ts'], outfile: 'dist/ask.js', platform: 'browser', target: 'es2022' });
