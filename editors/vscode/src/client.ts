/** The language client: how the server is started, what it is told beforehand, and what of its words is shown by whom. */
import { LanguageClient, RevealOutputChannelOn, WorkDoneProgressCancelNotification } from 'vscode-languageclient/node';
import type { ClientCapabilities, DocumentSelector, ErrorHandler, StaticFeature } from 'vscode-languageclient/node';
import type { LogOutputChannel } from 'vscode';
import { SECTION, serverSettings } from './configuration';
import { ProgressBars } from './progress';
import { statusChanged } from './protocol';
import type { Summary } from './protocol';

const LANGUAGES = ['python', 'cpp', 'c'];
const SCHEMES = ['file', 'untitled', 'vscode-notebook-cell', 'vscode-vfs', 'vscode-remote'];

/** The documents that the server follows. */
export const SELECTOR: DocumentSelector & readonly { readonly language: string; readonly scheme: string }[] = LANGUAGES.flatMap(
  (language) => SCHEMES.map((scheme) => ({ language, scheme })),
);

/** Says that this editor wants to be told the status. */
const asksForStatus: StaticFeature = {
  fillClientCapabilities(capabilities: ClientCapabilities) {
    capabilities.experimental = { ...(capabilities.experimental as object | undefined), phiLsp: { status: true } };
  },
  initialize: () => undefined,
  getState: () => ({ kind: 'static' }),
  clear: () => undefined,
};

/** A client for the server at `program`; it is not started yet. */
export function createClient(
  program: string,
  log: LogOutputChannel,
  errorHandler: ErrorHandler,
  onStatus: (summary: Summary) => void,
): LanguageClient {
  const bars = new ProgressBars((token) => void client.sendNotification(WorkDoneProgressCancelNotification.type, { token }));
  const client = new LanguageClient(
    SECTION,
    SECTION,
    { command: program },
    {
      documentSelector: SELECTOR,
      initializationOptions: serverSettings,
      outputChannel: log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      errorHandler,
      middleware: {
        workspace: { configuration: (parameters) => parameters.items.map(serverSettings) },
        handleWorkDoneProgress: (token, value) => {
          bars.heard(token, value);
        },
      },
    },
  );
  client.registerFeature(asksForStatus);
  client.onNotification(statusChanged, onStatus);
  client.onDidChangeState(() => {
    bars.clear();
  });
  return client;
}
