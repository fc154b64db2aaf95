/** Every command of `package.json`, by its name without the prefix, and what it does. */
import { commands, window } from 'vscode';
import type { Disposable } from 'vscode';
import { editorCommands } from './actions';
import type { AskView } from './ask/view';
import { installServer } from './install';
import type { Places } from './install';
import { showMenu } from './menu';
import { selectModel } from './models';
import { pauseCompletions, resumeCompletions } from './pause';
import type { Reports } from './reports';
import { openSample } from './sample';
import type { Session } from './session';

const WALKTHROUGH = 'phi-lsp.phi-lsp#start';

type Act = () => unknown;
type Commands = Readonly<Record<string, Act>>;

/** What the commands reach. */
export interface Parts {
  readonly session: Session;
  readonly reports: Reports;
  readonly askView: AskView;
  readonly places: Places;
}

/** Register all commands. One that cannot do what it should says why. */
export function registerCommands(parts: Parts): Disposable[] {
  const rows: Commands = { ...editorCommands(parts.session), ...modelCommands(parts), ...windowCommands(parts) };
  return Object.entries(rows).map(([name, act]) => commands.registerCommand(`phi-lsp.${name}`, () => told(act)));
}

async function told(act: Act): Promise<void> {
  try {
    await act();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    void window.showWarningMessage(reason.startsWith('phi-lsp') ? reason : `phi-lsp: ${reason}`);
  }
}

function modelCommands({ session, places }: Parts): Commands {
  return {
    installServer: async () => {
      if (await installServer(places, session.log)) {
        await session.start();
      }
    },
    restartServer: () => session.start(),
    downloadModel: () => session.execute('download', { ask: true }),
    selectModel: () => selectModel(session),
    pauseCompletions: () => pauseCompletions(session),
    resumeCompletions: () => resumeCompletions(session),
    restoreFindings: () => session.execute('restore'),
  };
}

function windowCommands({ session, reports, askView }: Parts): Commands {
  return {
    showMenu: () => showMenu(session),
    showLog: () => {
      session.log.show();
    },
    showSettings: () => reports.showSettings(),
    runDoctor: () => reports.runDoctor(),
    openSettings: () => commands.executeCommand('workbench.action.openSettings', '@ext:phi-lsp.phi-lsp'),
    openWalkthrough: () => commands.executeCommand('workbench.action.openWalkthrough', WALKTHROUGH),
    openSample,
    ask: () => askView.focus(),
    clearConversation: () => {
      askView.clear();
    },
  };
}
