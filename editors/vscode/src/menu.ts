/** What the status bar's item opens: one row for everything that can be done about the model. */
import { QuickPickItemKind, commands, window } from 'vscode';
import type { QuickPickItem } from 'vscode';
import type { Session } from './session';
import type { State, Summary } from './protocol';

interface Entry {
  readonly label: string;
  readonly command: string;
  /** The states in which it is offered; without them in all. */
  readonly states?: readonly State[];
  readonly detail?: (summary: Summary) => string;
}

const SERVED: readonly State[] = ['missing', 'downloading', 'loading', 'ready', 'thinking', 'paused'];
const ANSWERING: readonly State[] = ['loading', 'ready', 'thinking'];

const ENTRIES: readonly Entry[] = [
  { label: '$(package) Install the server', command: 'installServer', states: ['off', 'failed'] },
  { label: '$(cloud-download) Download the model', command: 'downloadModel', states: ['missing', 'failed'] },
  { label: '$(play) Resume completions', command: 'resumeCompletions', states: ['paused', ...ANSWERING] },
  { label: '$(debug-pause) Pause completions…', command: 'pauseCompletions', states: ANSWERING },
  { label: '$(symbol-misc) Switch the model…', command: 'selectModel', states: SERVED, detail: (summary) => summary.model ?? '' },
  { label: '$(comment-discussion) Ask a question', command: 'ask', states: SERVED },
  { label: '$(debug-restart) Restart the server', command: 'restartServer' },
  { label: '$(list-flat) Show the settings in force', command: 'showSettings', states: SERVED },
  { label: '$(pulse) Run the doctor', command: 'runDoctor' },
  { label: '$(output) Show the log', command: 'showLog' },
  { label: '$(gear) Open the settings', command: 'openSettings' },
];

/** Offer what suits the state, under the sentence that describes it. */
export async function showMenu(session: Session): Promise<void> {
  const { summary } = session;
  const rows = ENTRIES.filter((entry) => entry.states?.includes(summary.state) ?? true);
  const items = rows.map((entry) => ({ label: entry.label, description: entry.detail?.(summary) ?? '', command: entry.command }));
  const heading: QuickPickItem & { command?: string } = { label: summary.state, kind: QuickPickItemKind.Separator };
  const chosen = await window.showQuickPick([heading, ...items], { title: 'phi-lsp', placeHolder: sentence(summary) });
  if (chosen?.command !== undefined) {
    await commands.executeCommand(`phi-lsp.${chosen.command}`);
  }
}

function sentence(summary: Summary): string {
  const why = summary.reason === '' ? '' : ` The last answer was empty: ${summary.reason}.`;
  return `${summary.message}${why}`;
}
