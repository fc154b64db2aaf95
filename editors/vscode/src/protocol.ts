/**
 * What the server says beyond the Language Server Protocol.
 *
 * Types only: this file must never know who asks, or how an answer is shown.
 */
import { NotificationType, ProgressType, RequestType, RequestType0 } from 'vscode-languageclient/node';
import type { Range } from 'vscode-languageclient/node';

export type State = 'off' | 'missing' | 'downloading' | 'loading' | 'ready' | 'thinking' | 'paused' | 'failed';

/** The model in one sentence, and what came of the last request. */
export interface Summary {
  readonly model: string | null;
  readonly state: State;
  readonly percent: number | null;
  /** For people, with the next step where there is one. */
  readonly message: string;
  /** Why the last answer was empty; empty where it was not. */
  readonly reason: string;
  readonly seconds: number | null;
  /** Where code is sent, if it leaves this machine. */
  readonly remote: string;
}

export interface Model {
  readonly name: string;
  readonly bytes: number;
  readonly license: string;
  readonly here: boolean;
  readonly fits: boolean;
  readonly current: boolean;
  readonly about: string;
}

export interface Setting {
  readonly key: string;
  readonly value: unknown;
  readonly default: unknown;
  readonly text: string;
}

export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

export interface Question {
  readonly question: string;
  readonly uri?: string;
  readonly range?: Range;
  readonly history?: readonly Turn[];
  readonly partialResultToken?: string;
}

export interface Reply {
  readonly text: string;
  /** Why there is no text. */
  readonly reason: string;
}

export interface Piece {
  readonly text: string;
}

/** What a command comes to; `reason` says why nothing did. */
export interface Outcome {
  readonly reason?: string;
}

export const statusChanged = new NotificationType<Summary>('phi-lsp/statusChanged');
export const listModels = new RequestType0<{ models: Model[] }, void>('phi-lsp/models');
export const listSettings = new RequestType0<{ settings: Setting[] }, void>('phi-lsp/settings');
export const ask = new RequestType<Question, Reply, void>('phi-lsp/ask');
export const pieces = new ProgressType<Piece>();
