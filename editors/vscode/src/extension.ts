/** Where the extension begins and ends. */
import { commands, window, workspace } from 'vscode';
import type { ExtensionContext } from 'vscode';
import { AskView } from './ask/view';
import { registerCommands } from './commands';
import { Reports } from './reports';
import { Session } from './session';
import { showStatus } from './status';

let session: Session | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const log = window.createOutputChannel('phi-lsp', { log: true });
  session = new Session(context.globalStorageUri, log);
  const reports = new Reports(session);
  const askView = new AskView(session, context.extensionUri);
  const places = { storage: context.globalStorageUri, extension: context.extensionUri };
  const parts = { session, reports, askView, places };
  context.subscriptions.push(log, session, reports, askView, ...showStatus(session), ...registerCommands(parts));
  context.subscriptions.push(workspace.onDidGrantWorkspaceTrust(() => void startWhereOff(parts.session)));
  await begin(session);
}

export async function deactivate(): Promise<void> {
  await session?.stop();
}

/** A folder that is trusted now may be where the server is. */
async function startWhereOff(current: Session): Promise<void> {
  if (current.server === undefined) {
    await current.start();
  }
}

async function begin(current: Session): Promise<void> {
  if (!(await current.start()) && current.summary.state === 'off') {
    void offerInstallation();
  }
}

async function offerInstallation(): Promise<void> {
  const INSTALL = 'Install';
  const GUIDE = 'Show the Guide';
  const text = 'phi-lsp: the server was not found. Install it into a private Python environment of this extension? Building it may take some minutes.';
  const chosen = await window.showInformationMessage(text, INSTALL, GUIDE, 'Not Now');
  if (chosen === INSTALL) {
    await commands.executeCommand('phi-lsp.installServer');
  } else if (chosen === GUIDE) {
    await commands.executeCommand('phi-lsp.openWalkthrough');
  }
}
