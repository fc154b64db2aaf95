/** Texts to read: the settings in force and what the doctor found, in documents that nobody has to save. */
import { EventEmitter, ProgressLocation, Uri, commands, window, workspace } from 'vscode';
import type { Disposable, TextDocumentContentProvider } from 'vscode';
import { chosenModel } from './configuration';
import { run } from './process';
import type { Setting } from './protocol';
import type { Session } from './session';

const SCHEME = 'phi-lsp';

export class Reports implements TextDocumentContentProvider, Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changed = new EventEmitter<Uri>();
  readonly onDidChange = this.changed.event;
  private readonly registered = workspace.registerTextDocumentContentProvider(SCHEME, this);

  constructor(private readonly session: Session) {}

  provideTextDocumentContent(uri: Uri): string {
    return this.texts.get(uri.path) ?? '';
  }

  dispose(): void {
    this.registered.dispose();
    this.changed.dispose();
  }

  async showSettings(): Promise<void> {
    const uri = this.keep('/Settings in force.md', table(await this.session.settings()));
    await commands.executeCommand('markdown.showPreview', uri);
  }

  async runDoctor(): Promise<void> {
    const program = this.session.server?.program;
    if (program === undefined) {
      throw new Error(this.session.summary.message);
    }
    const model = this.session.summary.model ?? chosenModel();
    const ended = await window.withProgress(
      { location: ProgressLocation.Notification, title: 'phi-lsp: the doctor looks at this machine', cancellable: true },
      (_, token) => run(program, ['doctor', '--model', model], () => undefined, token),
    );
    if (ended.lines.length > 0) {
      const uri = this.keep('/Doctor.txt', ended.lines.join('\n'));
      await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
    }
  }

  private keep(path: string, text: string): Uri {
    const uri = Uri.from({ scheme: SCHEME, path });
    this.texts.set(path, text);
    this.changed.fire(uri);
    return uri;
  }
}

function table(settings: readonly Setting[]): string {
  const rows = settings.map((setting) => {
    const value = code(setting.value);
    const shown = value === code(setting.default) ? value : `**${value}**`;
    return `| \`${setting.key}\` | ${shown} | ${code(setting.default)} | ${setting.text.replaceAll('|', '\\|')} |`;
  });
  return ['# Settings in force', '', 'What differs from the default is bold.', '', '| setting | value | default | meaning |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function code(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}
