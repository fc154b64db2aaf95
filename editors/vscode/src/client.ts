/** The language client: how the server is started, what it is told beforehand, and what of its words is shown by whom. */
import { createInterface } from 'node:readline';
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn, State, WorkDoneProgressCancelNotification } from 'vscode-languageclient/node';
import type { ClientCapabilities, DocumentSelector, ErrorHandler, StaticFeature, StdioOptions } from 'vscode-languageclient/node';
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

/** An end is told by the client's state. It starts no server by itself: who started it might know of none by then. */
const quiet: ErrorHandler = {
  error: () => ({ action: ErrorAction.Continue, handled: true }),
  closed: () => ({ action: CloseAction.DoNotRestart, handled: true, message: 'the server ended' }),
};

/** What the server logs comes by the protocol too, with its level; what else it says of itself is found nowhere else. */
const LOGGED = /^(DEBUG|INFO|WARNING|ERROR) lsp_server/;

function outputs(log: LogOutputChannel): Required<StdioOptions> {
  const heard = (line: string): void => {
    if (LOGGED.test(line)) {
      log.trace(line);
    } else {
      log.warn(line);
    }
  };
  return { stdout: () => undefined, stderr: (input) => void createInterface({ input }).on('line', heard) };
}

/** A client for the server at `program`; it is not started yet. */
export function createClient(
  program: string,
  log: LogOutputChannel,
  onStatus: (summary: Summary) => void,
  onEnd: () => void,
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
      stdioOptions: outputs(log),
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      errorHandler: quiet,
      initializationFailedHandler: () => false,
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
  client.onDidChangeState(({ newState }) => {
    bars.clear();
    if (newState === State.Stopped) {
      onEnd();
    }
  });
  return client;
}
