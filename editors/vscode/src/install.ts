/**
 * The server, installed into a Python environment of the extension's own, with progress that can be seen and cancelled.
 *
 * What was half installed is taken away again, so that it is never found as a server; one that is there is updated.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ProgressLocation, window } from 'vscode';
import type { CancellationToken, LogOutputChannel, Progress, Uri } from 'vscode';
import { WHEEL, chosenRequirement } from './configuration';
import { SCRIPTS, isProgram, privateEnvironment, serverIn } from './find';
import { hold } from './lock';
import { run } from './process';

/** Where this extension keeps things, and where it lies itself. */
export interface Places {
  readonly storage: Uri;
  readonly extension: Uri;
}

type Bar = Progress<{ message?: string; increment?: number }>;

const PYTHONS = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python'];
const NEW_ENOUGH = 'import sys; sys.exit(sys.version_info < (3, 11))';
const LONGEST_MESSAGE = 90;

/** What stands in pip's output, and what to do about it. The first that fits is told: whatever fails, the build fails too. */
const TROUBLES: readonly (readonly [RegExp, string])[] = [
  [/No space left/, 'the disk is full: make room, then try again'],
  [
    /ensurepip|No module named (venv|pip)/,
    'this Python cannot make environments: install its package for them (Debian and Ubuntu: python3-venv), then try again',
  ],
  [
    /No matching distribution|Could not find a version|Temporary failure|Connection|is not a valid wheel|Invalid requirement/,
    'a package could not be fetched: check the network and the setting phi-lsp.installFrom, then try again',
  ],
  [
    /CMAKE_C(XX)?_COMPILER|No CMAKE|[Cc]ompiler.*not found|Failed building wheel|llama-cpp-python/,
    'llama-cpp-python could not be built: install a C and C++ compiler (Debian and Ubuntu: build-essential; ' +
      'Fedora: gcc-c++; macOS: xcode-select --install), then try again',
  ],
];

let underWay: Promise<boolean> | undefined;

/**
 * Install or update the server. True when it is there; what went wrong is told, a cancellation is not.
 *
 * Who asks while it is being installed waits for that: two would write into the same environment.
 */
export function installServer(places: Places, log: LogOutputChannel): Promise<boolean> {
  underWay ??= install(places, log).finally(() => {
    underWay = undefined;
  });
  return underWay;
}

async function install({ storage, extension }: Places, log: LogOutputChannel): Promise<boolean> {
  const requirement = chosenRequirement() || join(extension.fsPath, 'dist', 'server', WHEEL);
  const trouble = await window.withProgress(
    { location: ProgressLocation.Notification, title: 'phi-lsp: installing the server', cancellable: true },
    (bar, token) => new Installation(privateEnvironment(storage), requirement, log, bar, token).run(),
  );
  if (trouble !== undefined && trouble !== '') {
    void tell(trouble, log);
  }
  return trouble === undefined;
}

async function tell(trouble: string, log: LogOutputChannel): Promise<void> {
  const SHOW = 'Show Log';
  if ((await window.showErrorMessage(`phi-lsp was not installed: ${trouble}.`, SHOW)) === SHOW) {
    log.show();
  }
}

class Installation {
  constructor(
    private readonly environment: string,
    private readonly requirement: string,
    private readonly log: LogOutputChannel,
    private readonly bar: Bar,
    private readonly token: CancellationToken,
  ) {}

  /** Undefined when all went well, else what to do; empty when it was cancelled. */
  async run(): Promise<string | undefined> {
    const letGo = await hold(`${this.environment}.lock`);
    if (letGo === undefined) {
      return 'another window is installing it: when that is done, choose Restart the Server here';
    }
    try {
      return await this.alone();
    } finally {
      await letGo();
    }
  }

  private async alone(): Promise<string | undefined> {
    const python = await firstNewEnough();
    if (python === undefined) {
      return 'Python 3.11 or later was not found: install it, then try again';
    }
    const known = await isProgram(serverIn(this.environment));
    const trouble = await this.steps(python, known);
    if (trouble !== undefined && !known) {
      await rm(this.environment, { recursive: true, force: true });
    }
    return this.token.isCancellationRequested ? '' : trouble;
  }

  private async steps(python: string, known: boolean): Promise<string | undefined> {
    if (known) {
      // What is there may differ though its version is the same, and pip looks at the version alone.
      return (await this.pip('--upgrade')) ?? (await this.pip('--force-reinstall', '--no-deps'));
    }
    this.bar.report({ message: 'making a Python environment' });
    return (await this.step(python, ['-m', 'venv', '--clear', this.environment])) ?? (await this.pip());
  }

  private async pip(...how: readonly string[]): Promise<string | undefined> {
    const quietly = ['--no-input', '--disable-pip-version-check', '--progress-bar', 'off'];
    const python = join(this.environment, SCRIPTS, 'python');
    return await this.step(python, ['-m', 'pip', 'install', ...quietly, ...how, this.requirement]);
  }

  private async step(program: string, parameters: readonly string[]): Promise<string | undefined> {
    this.log.info(`$ ${[program, ...parameters].join(' ')}`);
    const heard = (line: string): void => {
      this.log.info(line);
      this.bar.report({ message: line.trim().slice(0, LONGEST_MESSAGE) });
    };
    const ended = await run(program, parameters, heard, this.token);
    return ended.status === 0 ? undefined : explained(ended.lines);
  }
}

async function firstNewEnough(): Promise<string | undefined> {
  for (const python of PYTHONS) {
    if ((await run(python, ['-c', NEW_ENOUGH])).status === 0) {
      return python;
    }
  }
  return undefined;
}

/** What to do about a program's failure, from its last lines. */
function explained(lines: readonly string[]): string {
  // What pip only warns of, it got over.
  const told = lines.filter((line) => !line.startsWith('WARNING'));
  const errors = told.filter((line) => /error|fail|not found|No module|No space/i.test(line)).join('\n');
  const known = TROUBLES.find(([sign]) => sign.test(errors));
  return known?.[1] ?? `${lines.at(-1)?.trim() ?? 'no reason was given'} (the log has more)`;
}
