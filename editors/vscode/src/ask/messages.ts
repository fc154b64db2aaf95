/** What the panel's page and the extension say to each other. */

export interface Exchange {
  readonly id: number;
  readonly question: string;
  /** The file and lines that the question is about; empty for none. */
  readonly about: string;
  answer: string;
  /** Why the answer is empty or was cut. */
  reason: string;
  done: boolean;
}

export type ToPage =
  | { readonly kind: 'all'; readonly exchanges: readonly Exchange[] }
  | { readonly kind: 'one'; readonly exchange: Exchange }
  | { readonly kind: 'about'; readonly text: string }
  | { readonly kind: 'focus' };

export type FromPage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'ask'; readonly question: string; readonly withCode: boolean }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'insert'; readonly text: string };
