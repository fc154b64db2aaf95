/** The status bar's item, and the one that stands beside the language: what the model does, or why it does not. */
import { LanguageStatusSeverity, MarkdownString, StatusBarAlignment, ThemeColor, languages, window } from 'vscode';
import type { LanguageStatusItem, StatusBarItem } from 'vscode';
import { SELECTOR } from './client';
import type { State, Summary } from './protocol';
import type { Session } from './session';

interface Look {
  readonly icon: string;
  /** What is said beside the icon. */
  text(summary: Summary): string;
  readonly severity?: LanguageStatusSeverity;
  readonly color?: string;
}

const LOOKS: Readonly<Record<State, Look>> = {
  off: { icon: 'circle-slash', text: () => 'off', severity: LanguageStatusSeverity.Warning },
  missing: { icon: 'cloud-download', text: () => 'no model', severity: LanguageStatusSeverity.Warning },
  downloading: { icon: 'sync~spin', text: (summary) => `downloading${percent(summary)}` },
  loading: { icon: 'sync~spin', text: (summary) => `loading${percent(summary)}` },
  ready: { icon: 'sparkle', text: (summary) => [summary.model ?? 'ready', last(summary)].filter(Boolean).join(' · ') },
  thinking: { icon: 'loading~spin', text: (summary) => summary.model ?? 'thinking' },
  paused: { icon: 'debug-pause', text: () => 'paused' },
  failed: {
    icon: 'error',
    text: () => 'failed',
    severity: LanguageStatusSeverity.Error,
    color: 'statusBarItem.errorBackground',
  },
};

function percent(summary: Summary): string {
  return summary.percent === null ? '' : ` ${String(summary.percent)} %`;
}

/** What came of the last request, in a word; why it came to nothing is told where there is room. */
function last(summary: Summary): string {
  if (summary.reason !== '') {
    return 'nothing';
  }
  return summary.seconds === null ? '' : `${summary.seconds.toFixed(1)} s`;
}

/** Show the session's summary for as long as the result is not disposed. */
export function showStatus(session: Session): { dispose(): unknown }[] {
  const bar = window.createStatusBarItem('phi-lsp.status', StatusBarAlignment.Right, 100);
  bar.name = 'phi-lsp';
  bar.command = 'phi-lsp.showMenu';
  const item = languages.createLanguageStatusItem('phi-lsp.status', SELECTOR);
  item.name = 'phi-lsp';
  item.command = { command: 'phi-lsp.showMenu', title: 'Menu' };
  const show = (summary: Summary): void => {
    fill(bar, summary);
    fillBesideLanguage(item, summary);
  };
  show(session.summary);
  bar.show();
  return [bar, item, session.onSummary(show)];
}

function fill(bar: StatusBarItem, summary: Summary): void {
  const look = LOOKS[summary.state];
  bar.text = `$(${look.icon}) phi: ${look.text(summary)}`;
  bar.tooltip = tooltip(summary);
  bar.backgroundColor = look.color === undefined ? undefined : new ThemeColor(look.color);
  bar.accessibilityInformation = { label: `phi-lsp, ${look.text(summary)}. ${summary.message} ${empty(summary)}`, role: 'button' };
}

function fillBesideLanguage(item: LanguageStatusItem, summary: Summary): void {
  const look = LOOKS[summary.state];
  item.text = `phi: ${look.text(summary)}`;
  item.detail = summary.message;
  item.severity = look.severity ?? LanguageStatusSeverity.Information;
  item.busy = ['downloading', 'loading', 'thinking'].includes(summary.state);
}

function tooltip(summary: Summary): MarkdownString {
  const lines = [summary.message, empty(summary), summary.remote, 'Click for the menu.'];
  return new MarkdownString().appendText(lines.filter(Boolean).join('\n\n'));
}

/** Why the last answer was empty, as a sentence. */
function empty(summary: Summary): string {
  return summary.reason === '' ? '' : `The last answer was empty: ${summary.reason}.`;
}
