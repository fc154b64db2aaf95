/** The panel in which questions are asked: hands what its page says to the conversation, and back. */
import { commands, env, languages, window, workspace } from 'vscode';
import type { Disposable, TextEditor, Uri, Webview, WebviewView, WebviewViewProvider } from 'vscode';
import { SELECTOR } from '../client';
import type { Session } from '../session';
import { Conversation } from './conversation';
import type { Subject } from './conversation';
import type { FromPage, ToPage } from './messages';
import { page } from './page';

const VIEW = 'phi-lsp.ask';

export class AskView implements WebviewViewProvider, Disposable {
  private readonly conversation: Conversation;
  private readonly registered: Disposable[];
  private webview: Webview | undefined;
  private toBeFocused = false;

  constructor(
    session: Session,
    private readonly extension: Uri,
  ) {
    this.conversation = new Conversation(session, (exchange) => {
      this.post({ kind: 'one', exchange });
    });
    this.registered = [
      window.registerWebviewViewProvider(VIEW, this, { webviewOptions: { retainContextWhenHidden: true } }),
      window.onDidChangeActiveTextEditor(() => {
        this.postSubject();
      }),
      window.onDidChangeTextEditorSelection(() => {
        this.postSubject();
      }),
    ];
  }

  resolveWebviewView(view: WebviewView): void {
    this.webview = view.webview;
    view.webview.options = { enableScripts: true, localResourceRoots: [this.extension] };
    view.webview.html = page(view.webview, this.extension);
    view.webview.onDidReceiveMessage((message: FromPage) => this.heard(message));
    view.onDidDispose(() => {
      this.webview = undefined;
    });
  }

  async focus(): Promise<void> {
    // A page that is only now being made hears of it once it is ready.
    this.toBeFocused = true;
    await commands.executeCommand(`${VIEW}.focus`);
    this.post({ kind: 'focus' });
  }

  clear(): void {
    this.conversation.clear();
    this.post({ kind: 'all', exchanges: [] });
  }

  dispose(): void {
    this.conversation.cancel();
    for (const one of this.registered) {
      one.dispose();
    }
  }

  private async heard(message: FromPage): Promise<void> {
    switch (message.kind) {
      case 'ready':
        this.post({ kind: 'all', exchanges: this.conversation.exchanges });
        this.postSubject();
        if (this.toBeFocused) {
          this.post({ kind: 'focus' });
        }
        break;
      case 'ask':
        await this.conversation.ask(message.question, message.withCode ? subject() : undefined);
        break;
      case 'cancel':
        this.conversation.cancel();
        break;
      case 'copy':
        await env.clipboard.writeText(message.text);
        break;
      case 'insert':
        await insert(message.text);
        break;
    }
  }

  private postSubject(): void {
    this.post({ kind: 'about', text: subject()?.label ?? '' });
  }

  private post(message: ToPage): void {
    void this.webview?.postMessage(message);
  }
}

/** What a question can be about: the file in front, if it is one that the server follows. */
function subject(): Subject | undefined {
  const editor = window.activeTextEditor;
  if (editor === undefined || languages.match(SELECTOR, editor.document) === 0) {
    return undefined;
  }
  return { label: label(editor), document: editor.document.uri, range: editor.selection };
}

function label(editor: TextEditor): string {
  const { selection, document } = editor;
  const lines = selection.isEmpty ? `line ${String(selection.active.line + 1)}` : `lines ${String(selection.start.line + 1)}–${String(selection.end.line + 1)}`;
  return `${workspace.asRelativePath(document.uri)}, ${lines}`;
}

/** Write code where the cursor is, as one step that can be undone. */
async function insert(text: string): Promise<void> {
  const editor = window.activeTextEditor;
  if (editor === undefined) {
    await window.showTextDocument(await workspace.openTextDocument({ content: text }));
    return;
  }
  await editor.edit((edit) => {
    edit.replace(editor.selection, text);
  });
  await window.showTextDocument(editor.document, editor.viewColumn);
}
