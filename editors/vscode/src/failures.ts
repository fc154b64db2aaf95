/** What happens when the server ends by itself: it is started again, a few times, and the user is told either way. */
import { commands, window } from 'vscode';
import type { LogOutputChannel } from 'vscode';
import { CloseAction, ErrorAction } from 'vscode-languageclient/node';
import type { CloseHandlerResult, ErrorHandler, ErrorHandlerResult } from 'vscode-languageclient/node';

const MOST = 4;
const WITHIN_MILLISECONDS = 180_000;

export class Failures implements ErrorHandler {
  private readonly ends: number[] = [];

  constructor(
    private readonly log: LogOutputChannel,
    private readonly onRestart: () => void,
    private readonly onGivingUp: (why: string) => void,
  ) {}

  error(): ErrorHandlerResult {
    return { action: ErrorAction.Continue, handled: true };
  }

  closed(): CloseHandlerResult {
    const now = Date.now();
    this.ends.push(now);
    const lately = this.ends.filter((when) => now - when < WITHIN_MILLISECONDS).length;
    if (lately <= MOST) {
      this.onRestart();
      void offer(this.log, 'phi-lsp: the server ended unexpectedly and was started again. Your text is not touched.');
      return { action: CloseAction.Restart, handled: true };
    }
    const why = `the server ended ${String(lately)} times in three minutes: look into its log, then restart it`;
    void offer(this.log, `phi-lsp: ${why}.`, RESTART);
    this.onGivingUp(why);
    return { action: CloseAction.DoNotRestart, handled: true };
  }
}

const SHOW_LOG = 'Show Log';
const RESTART = 'Restart';

/** Show a message with the log at hand, and what else may help. */
export async function offer(log: LogOutputChannel, message: string, ...more: readonly string[]): Promise<void> {
  const chosen = await window.showWarningMessage(message, ...more, SHOW_LOG);
  if (chosen === SHOW_LOG) {
    log.show();
  } else if (chosen === RESTART) {
    await commands.executeCommand('phi-lsp.restartServer');
  }
}
