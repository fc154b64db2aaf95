/** Programs that are run to their end, line by line, and stopped with all that they started. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { CancellationToken } from 'vscode';

export interface Ended {
  /** The exit status; null where the program could not be started or was stopped. */
  readonly status: number | null;
  readonly lines: readonly string[];
}

/** Run a program; `heard` is told each line of its output as it comes. Never rejects. */
export function run(
  program: string,
  parameters: readonly string[],
  heard: (line: string) => void = () => undefined,
  token?: CancellationToken,
): Promise<Ended> {
  return new Promise((resolve) => {
    // A group of its own, because pip has compilers below it that must end with it.
    const child = spawn(program, parameters, { detached: process.platform !== 'win32', stdio: ['ignore', 'pipe', 'pipe'] });
    const lines: string[] = [];
    const note = (line: string): void => {
      lines.push(line);
      heard(line);
    };
    const stopping = token?.onCancellationRequested(() => {
      stop(child);
    });
    const end = (status: number | null): void => {
      stopping?.dispose();
      resolve({ status, lines });
    };
    createInterface(child.stdout).on('line', note);
    createInterface(child.stderr).on('line', note);
    child.on('error', (error) => {
      note(error.message);
      end(null);
    });
    child.on('close', end);
  });
}

function stop(child: ChildProcess): void {
  if (child.pid === undefined) {
    return;
  }
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGTERM');
  } catch {
    // It ended by itself.
  }
}
