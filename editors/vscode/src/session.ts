/** The server while this window is open: found, started, restarted, asked. What is known of it is one `Summary`. */
import { EventEmitter, workspace } from 'vscode';
import type { Disposable, LogOutputChannel, Uri } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { ErrorCodes, ResponseError } from 'vscode-languageclient/node';
import { createClient } from './client';
import { SECTION, serverSettings } from './configuration';
import { Ends, RESTART, offer } from './ends';
import { findServer } from './find';
import type { Server } from './find';
import { listModels, listSettings } from './protocol';
import type { Model, Outcome, Setting, State, Summary } from './protocol';

const STOPPING_MILLISECONDS = 5000;

/** What the server does not say itself, because it is not there. */
function unserved(state: State, message: string): Summary {
  return { model: null, state, percent: null, message, reason: '', seconds: null, remote: '' };
}

function reasonOf(error: unknown): string {
  if (error instanceof ResponseError && error.code === ErrorCodes.PendingResponseRejected) {
    return 'it ended while it started; the log may say why';
  }
  return error instanceof Error ? error.message : String(error);
}

const STARTING = unserved('loading', 'The server is starting.');

export class Session implements Disposable {
  /** Undefined until the server was looked for, and where there is none. */
  server: Server | undefined;
  summary = unserved('off', 'The server is not started yet.');
  private client: LanguageClient | undefined;
  private turns = 0;
  private readonly ends: Ends;
  private readonly changed = new EventEmitter<Summary>();
  readonly onSummary = this.changed.event;
  private readonly listening: Disposable;

  constructor(
    private readonly storage: Uri,
    readonly log: LogOutputChannel,
  ) {
    this.ends = new Ends(log);
    this.listening = workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration(`${SECTION}.path`)) {
        await this.start();
      } else if (event.affectsConfiguration(SECTION)) {
        await this.client?.sendNotification('workspace/didChangeConfiguration', { settings: { [SECTION]: serverSettings() } });
      }
    });
  }

  /**
   * Start the server, in place of the one that runs. False where there is none, or it cannot be started, and what to do
   * is in the summary; false too where a newer start or a stop came meanwhile: the newest counts, and only its server stays.
   */
  async start(): Promise<boolean> {
    const overtaken = this.takeTurn();
    await this.disconnect();
    try {
      const server = await findServer(this.storage);
      if (overtaken()) {
        return false;
      }
      this.server = server;
      if (server === undefined) {
        this.log.warn('the server was not found: the setting phi-lsp.path is empty, and no place that was looked in has it');
        this.tell(unserved('off', 'The server is not installed: choose Install the Server.'));
        return false;
      }
      this.log.info(`the server is ${server.program}, found by ${server.origin}`);
      this.tell(STARTING);
      await this.connect(server);
      return !overtaken();
    } catch (error) {
      if (!overtaken()) {
        await this.failed(reasonOf(error));
      }
      return false;
    }
  }

  async stop(): Promise<void> {
    const overtaken = this.takeTurn();
    await this.disconnect();
    if (!overtaken()) {
      this.tell(unserved('off', 'The server is stopped.'));
    }
  }

  /** Whether there is a server to ask. */
  get isServed(): boolean {
    return this.client?.isRunning() === true;
  }

  /** The client that answers now. Rejects, with what to do, where there is none. */
  connected(): LanguageClient {
    if (this.client?.isRunning() !== true) {
      throw new Error(this.summary.message);
    }
    return this.client;
  }

  /** Have the server do a command. Says nothing by itself of what came of it: the server does. */
  async execute(command: string, argument: object = {}): Promise<Outcome> {
    const parameters = { command: `${SECTION}.${command}`, arguments: [argument] };
    return await this.connected().sendRequest<Outcome>('workspace/executeCommand', parameters);
  }

  async models(): Promise<readonly Model[]> {
    return (await this.connected().sendRequest(listModels)).models;
  }

  async settings(): Promise<readonly Setting[]> {
    return (await this.connected().sendRequest(listSettings)).settings;
  }

  dispose(): void {
    this.listening.dispose();
    this.changed.dispose();
  }

  /** Begin something that starts or stops the server; the answer tells whether something newer has begun since. */
  private takeTurn(): () => boolean {
    const turn = ++this.turns;
    return () => turn !== this.turns;
  }

  private async disconnect(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.dispose(STOPPING_MILLISECONDS).catch((error: unknown) => {
      this.log.warn(String(error));
    });
  }

  private async connect(server: Server): Promise<void> {
    const told = (summary: Summary): void => {
      if (this.client === client) {
        this.tell(summary);
      }
    };
    const ended = (): void => {
      if (this.client === client) {
        void this.ended();
      }
    };
    const client = createClient(server.program, this.log, told, ended);
    this.client = client;
    await client.start();
    await this.askStatus(client);
  }

  /** A server says only what changes; where it stood when this window came is asked for. */
  private async askStatus(client: LanguageClient): Promise<void> {
    const status = await client.sendRequest<{ summary?: Summary }>('phi-lsp/status', {});
    if (status.summary !== undefined && this.client === client) {
      this.tell(status.summary);
    }
  }

  /** The server ended by itself, after it had started. */
  private async ended(): Promise<void> {
    const why = this.ends.another();
    if (why === undefined) {
      await this.start();
    } else {
      this.client = undefined;
      this.tell(unserved('failed', why));
    }
  }

  private async failed(reason: string): Promise<void> {
    this.tell(unserved('failed', `The server could not be started: ${reason}`));
    this.log.error(reason);
    void offer(this.log, `phi-lsp: the server could not be started: ${reason}`, RESTART);
    // Its process may still be there.
    await this.disconnect();
  }

  private tell(summary: Summary): void {
    this.summary = summary;
    this.changed.fire(summary);
  }
}
