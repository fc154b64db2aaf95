/** What the status bar's item opens: one row for everything that can be done about the model. */
import { QuickPickItemKind, commands, window } from 'vscode';
import type { QuickPickItem } from 'vscode';
import type { Session } from './session';
import type { State, Summary } from './protocol';

interface Entry {
  readonly label: string;
  readonly command: string;
  /** Whether a server must run, or must not; without it neither. */
  readonly served?: boolean;
  /** The states in which it is offered; without them in all. */
  readonly states?: readonly State[];
  readonly detail?: (summary: Summary) => string;
}

const ANSWERING: readonly State[] = ['loading', 'ready', 'thinking'];

const ENTRIES: readonly Entry[] = [
  { label: '$(package) Install the server', command: 'installServer', served: false },
  { label: '$(cloud-download) Download the model', command: 'downloadModel', served: true, states: ['missing'] },
  { label: '$(play) Resume completions', command: 'resumeCompletions', served: true, states: ['paused', ...ANSWERING] },
  { label: '$(debug-pause) Pause completions…', command: 'pauseCompletions', served: true, states: ANSWERING },
  { label: '$(symbol-misc) Switch the model…', command: 'selectModel', served: true, detail: (summary) => summary.model ?? '' },
  { label: '$(comment-discussion) Ask a question', command: 'ask', served: true },
  { label: '$(debug-restart) Restart the server', command: 'restartServer' },
  { label: '$(list-flat) Show the settings in force', command: 'showSettings', served: true },
  { label: '$(pulse) Run the doctor', command: 'runDoctor' },
  { label: '$(output) Show the log', command: 'showLog' },
  { label: '$(gear) Open the settings', command: 'openSettings' },
];

/** Offer what suits the state, under the sentence that describes it. */
export async function showMenu(session: Session): Promise<void> {
  const { summary, isServed } = session;
  const rows = ENTRIES.filter(({ served, states }) => (served ?? isServed) === isServed && (states?.includes(summary.state) ?? true));
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
