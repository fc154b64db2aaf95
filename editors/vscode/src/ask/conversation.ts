/** Questions and answers, one at a time, each with those before it. It must never know how they are shown. */
import { CancellationTokenSource } from 'vscode';
import type { Range, Uri } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { ask, pieces } from '../protocol';
import type { Question, Turn } from '../protocol';
import type { Session } from '../session';
import type { Exchange } from './messages';

/** What a question is about. */
export interface Subject {
  readonly document: Uri;
  readonly range: Range;
  /** For people. */
  readonly label: string;
}

export class Conversation {
  readonly exchanges: Exchange[] = [];
  private asking: CancellationTokenSource | undefined;
  private last = 0;

  /** `onChange` is told of an exchange whenever there is more of it. */
  constructor(
    private readonly session: Session,
    private readonly onChange: (exchange: Exchange) => void,
  ) {}

  /** Ask; a question that is still being answered is cancelled. */
  async ask(question: string, subject: Subject | undefined): Promise<void> {
    this.cancel();
    const history = this.turns();
    const exchange: Exchange = { id: ++this.last, question, about: subject?.label ?? '', answer: '', reason: '', done: false };
    this.exchanges.push(exchange);
    this.changed(exchange);
    const source = (this.asking = new CancellationTokenSource());
    try {
      await this.answer(exchange, history, subject, source);
    } catch (error) {
      exchange.reason = source.token.isCancellationRequested ? 'stopped' : error instanceof Error ? error.message : String(error);
    }
    exchange.done = true;
    this.changed(exchange);
  }

  cancel(): void {
    this.asking?.cancel();
    this.asking = undefined;
  }

  clear(): void {
    this.cancel();
    this.exchanges.length = 0;
  }

  /** Tell of an exchange, unless the conversation has been cleared of it. */
  private changed(exchange: Exchange): void {
    if (this.exchanges.includes(exchange)) {
      this.onChange(exchange);
    }
  }

  private async answer(exchange: Exchange, history: Turn[], subject: Subject | undefined, source: CancellationTokenSource): Promise<void> {
    const client = this.session.connected();
    const question: Question = { question: exchange.question, history, ...place(subject, client) };
    const partialResultToken = `phi-lsp/ask/${String(exchange.id)}`;
    const listening = client.onProgress(pieces, partialResultToken, (piece) => {
      exchange.answer += piece.text;
      this.changed(exchange);
    });
    try {
      const reply = await client.sendRequest(ask, { ...question, partialResultToken }, source.token);
      exchange.answer = reply.text === '' ? exchange.answer : reply.text;
      exchange.reason = reply.reason;
    } finally {
      listening.dispose();
    }
  }

  private turns(): Turn[] {
    return this.exchanges
      .filter((exchange) => exchange.done && exchange.answer !== '')
      .flatMap((exchange): Turn[] => [
        { role: 'user', text: exchange.question },
        { role: 'assistant', text: exchange.answer },
      ]);
  }
}

function place(subject: Subject | undefined, client: LanguageClient): Pick<Question, 'uri' | 'range'> {
  if (subject === undefined) {
    return {};
  }
  const convert = client.code2ProtocolConverter;
  return { uri: convert.asUri(subject.document), range: convert.asRange(subject.range) };
}
