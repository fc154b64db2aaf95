/** Pausing completions: everywhere or in one language, for good or for an hour. What was asked for still works. */
import { window } from 'vscode';
import type { QuickPickItem } from 'vscode';
import type { Session } from './session';

const HOUR_SECONDS = 3600;

interface Pause {
  readonly language?: string;
  readonly seconds?: number;
}

export async function pauseCompletions(session: Session): Promise<void> {
  const chosen = await window.showQuickPick(pauses(), { title: 'Pause completions', placeHolder: 'For how long, and where?' });
  if (chosen !== undefined) {
    await session.execute('pause', chosen.pause);
  }
}

export async function resumeCompletions(session: Session): Promise<void> {
  await session.execute('resume');
}

function pauses(): (QuickPickItem & { pause: Pause })[] {
  const language = window.activeTextEditor?.document.languageId;
  const everywhere = [
    { label: '$(debug-pause) Until resumed', pause: {} },
    { label: '$(clock) For an hour', pause: { seconds: HOUR_SECONDS } },
  ];
  if (language === undefined) {
    return everywhere;
  }
  return [
    ...everywhere,
    { label: `$(debug-pause) In ${language} files, until resumed`, pause: { language } },
    { label: `$(clock) In ${language} files, for an hour`, pause: { language, seconds: HOUR_SECONDS } },
  ];
}
