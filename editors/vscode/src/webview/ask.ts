/** The page of the panel: shows exchanges as they grow, and tells the extension what was pressed. */
import MarkdownIt from 'markdown-it';
import type { Exchange, FromPage, ToPage } from '../ask/messages';

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void };

const extension = acquireVsCodeApi();
// No HTML of the model's, and no pictures: the page loads nothing.
const markdown = new MarkdownIt({ html: false, linkify: false }).disable('image');

const exchanges = element('exchanges', HTMLElement);
const form = element('form', HTMLFormElement);
const question = element('question', HTMLTextAreaElement);
const withCode = element('code', HTMLInputElement);
const stop = element('stop', HTMLButtonElement);
/** The exchanges that are not over: one that was cancelled for the next may end after that has begun. */
const unfinished = new Set<number>();

function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) {
    throw new Error(`the page has no ${id}`);
  }
  return found;
}

function heard(message: ToPage): void {
  switch (message.kind) {
    case 'all':
      exchanges.replaceChildren();
      unfinished.clear();
      showWhetherBusy();
      message.exchanges.forEach(show);
      break;
    case 'one':
      show(message.exchange);
      break;
    case 'about':
      element('about', HTMLElement).textContent = message.text;
      element('with-code', HTMLElement).hidden = message.text === '';
      break;
    case 'focus':
      question.focus();
      break;
  }
}

function show(exchange: Exchange): void {
  const atEnd = exchanges.scrollTop + exchanges.clientHeight >= exchanges.scrollHeight - 40;
  const id = `exchange-${String(exchange.id)}`;
  const shown = document.createElement('article');
  shown.id = id;
  shown.append(asked(exchange), answered(exchange));
  const before = document.getElementById(id);
  if (before === null) {
    exchanges.append(shown);
  } else {
    before.replaceWith(shown);
  }
  if (exchange.done) {
    unfinished.delete(exchange.id);
  } else {
    unfinished.add(exchange.id);
  }
  showWhetherBusy();
  if (atEnd) {
    exchanges.scrollTop = exchanges.scrollHeight;
  }
}

function showWhetherBusy(): void {
  stop.hidden = unfinished.size === 0;
  exchanges.ariaBusy = String(unfinished.size > 0);
}

function asked(exchange: Exchange): HTMLElement {
  const part = document.createElement('section');
  part.className = 'question';
  part.textContent = exchange.question;
  if (exchange.about !== '') {
    const about = document.createElement('small');
    about.textContent = exchange.about;
    part.append(about);
  }
  return part;
}

function answered(exchange: Exchange): HTMLElement {
  const part = document.createElement('section');
  part.className = 'answer';
  part.innerHTML = markdown.render(exchange.answer);
  for (const code of part.querySelectorAll('pre')) {
    code.tabIndex = 0;
    code.before(codeButtons(code.textContent));
  }
  if (exchange.done && exchange.answer !== '') {
    part.append(button('Copy answer', { kind: 'copy', text: exchange.answer }));
  }
  if (exchange.reason !== '') {
    const reason = document.createElement('p');
    reason.className = 'reason';
    reason.textContent = exchange.reason;
    part.append(reason);
  }
  return part;
}

function codeButtons(text: string): HTMLElement {
  const buttons = document.createElement('div');
  buttons.className = 'code-buttons';
  buttons.append(button('Copy', { kind: 'copy', text }), button('Insert', { kind: 'insert', text }));
  return buttons;
}

function button(label: string, message: FromPage): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'secondary';
  made.textContent = label;
  made.addEventListener('click', () => {
    extension.postMessage(message);
  });
  return made;
}

function ask(): void {
  const text = question.value.trim();
  if (text !== '') {
    extension.postMessage({ kind: 'ask', question: text, withCode: withCode.checked });
    question.value = '';
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  ask();
});
question.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    ask();
  }
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !stop.hidden) {
    extension.postMessage({ kind: 'cancel' });
  }
});
stop.addEventListener('click', () => {
  extension.postMessage({ kind: 'cancel' });
});
window.addEventListener('message', (event: MessageEvent<ToPage>) => {
  heard(event.data);
});
extension.postMessage({ kind: 'ready' });
