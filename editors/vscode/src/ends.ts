/** The server's unexpected ends: how many in a row it is started again after, and what the user is told of each. */
import { commands, window } from 'vscode';
import type { LogOutputChannel } from 'vscode';

const MOST = 4;
const WITHIN_MILLISECONDS = 180_000;

export class Ends {
  private times: readonly number[] = [];

  constructor(private readonly log: LogOutputChannel) {}

  /** Take note of one. Undefined when the server is to be started again, else why not. */
  another(): string | undefined {
    const now = Date.now();
    this.times = [...this.times.filter((when) => now - when < WITHIN_MILLISECONDS), now];
    if (this.times.length <= MOST) {
      void offer(this.log, 'phi-lsp: the server ended unexpectedly and was started again. Your text is not touched.');
      return undefined;
    }
    const why = `the server ended ${String(this.times.length)} times in three minutes: look into its log, then restart it`;
    void offer(this.log, `phi-lsp: ${why}.`, RESTART);
    // Whoever restarts it by hand may have found the cause.
    this.times = [];
    return why;
  }
}

const SHOW_LOG = 'Show Log';
export const RESTART = 'Restart';

/** Show a message with the log at hand, and what else may help. */
export async function offer(log: LogOutputChannel, message: string, ...more: readonly string[]): Promise<void> {
  const chosen = await window.showWarningMessage(message, ...more, SHOW_LOG);
  if (chosen === SHOW_LOG) {
    log.show();
  } else if (chosen === RESTART) {
    await commands.executeCommand('phi-lsp.restartServer');
  }
}
