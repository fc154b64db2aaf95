/** The panel's page: its parts and what it may load, which is its own script and style and nothing else. */
import { randomBytes } from 'node:crypto';
import { Uri } from 'vscode';
import type { Webview } from 'vscode';

export function page(webview: Webview, extension: Uri): string {
  const nonce = randomBytes(16).toString('base64');
  const script = webview.asWebviewUri(Uri.joinPath(extension, 'dist', 'ask.js')).toString();
  const style = webview.asWebviewUri(Uri.joinPath(extension, 'media', 'ask.css')).toString();
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <link rel="stylesheet" href="${style}">
  <title>Ask</title>
</head>
<body>
  <main id="exchanges" role="log" aria-label="Questions and answers" aria-live="polite" tabindex="0"></main>
  <form id="form">
    <label id="with-code"><input type="checkbox" id="code" checked> <span id="about"></span></label>
    <textarea id="question" rows="3" aria-label="Your question" placeholder="Ask about your code (Enter to send)"></textarea>
    <div class="buttons">
      <button type="submit" id="send">Ask</button>
      <button type="button" id="stop" class="secondary" hidden>Stop</button>
    </div>
  </form>
  <script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
