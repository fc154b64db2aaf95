/** The server's work in progress, as notifications with a button to cancel: the client's own are hard to find. */
import { ProgressLocation, window } from 'vscode';
import type { Progress } from 'vscode';
import type { HandleWorkDoneProgressSignature, ProgressToken } from 'vscode-languageclient/node';

type Value = Parameters<HandleWorkDoneProgressSignature>[1];

interface Bar {
  report(message: string | undefined, percent: number | undefined): void;
  end(): void;
}

export class ProgressBars {
  private readonly bars = new Map<ProgressToken, Bar>();

  constructor(private readonly cancel: (token: ProgressToken) => void) {}

  /** Show what the server says of some work. */
  heard(token: ProgressToken, value: Value): void {
    if (value.kind === 'begin') {
      const bar = opened(value.title, () => {
        this.cancel(token);
      });
      this.bars.set(token, bar);
      // How much there is already is known only once the work has looked.
      bar.report(value.message, undefined);
    } else if (value.kind === 'report') {
      this.bars.get(token)?.report(value.message, value.percentage);
    } else {
      this.bars.get(token)?.end();
      this.bars.delete(token);
    }
  }

  /** The server is gone, and with it what it did. */
  clear(): void {
    for (const bar of this.bars.values()) {
      bar.end();
    }
    this.bars.clear();
  }
}

type Shown = Progress<{ message?: string; increment?: number }>;

function opened(title: string, cancel: () => void): Bar {
  const ended = new Signal<void>();
  const shown = new Signal<Shown>();
  const options = { location: ProgressLocation.Notification, title: `phi-lsp: ${title}`, cancellable: true };
  void window.withProgress(options, (progress, token) => {
    token.onCancellationRequested(cancel);
    shown.give(progress);
    return ended.promise;
  });
  let before = 0;
  const report = async (message = '', percent?: number): Promise<void> => {
    const progress = await shown.promise;
    const increment = Math.max((percent ?? before) - before, 0);
    before += increment;
    progress.report({ message: percent === undefined ? message : `${String(percent)} % ${message}`, increment });
  };
  return { report: (message, percent) => void report(message, percent), end: () => { ended.give(); } };
}

/** A promise that is kept from outside. */
class Signal<T> {
  give!: (value: T) => void;
  readonly promise = new Promise<T>((resolve) => {
    this.give = resolve;
  });
}
