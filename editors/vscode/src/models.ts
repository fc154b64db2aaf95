/** Choosing another model: the server's list, and the setting that the choice is written to. */
import { ConfigurationTarget, window, workspace } from 'vscode';
import type { QuickPickItem } from 'vscode';
import { SECTION } from './configuration';
import type { Model } from './protocol';
import type { Session } from './session';

const AUTO: QuickPickItem & { name: string } = {
  name: 'auto',
  label: '$(wand) auto',
  detail: 'What suits this machine: a fast model for typing, a better one for whole functions where there is memory for both.',
};

/** Let the user choose a model. The server asks before it downloads one. */
export async function selectModel(session: Session): Promise<void> {
  const items = session.models().then((models) => [AUTO, ...models.map(item)]);
  const chosen = await window.showQuickPick(items, {
    title: 'Switch the model',
    placeHolder: 'Models that are not on this machine are downloaded once you agree',
    matchOnDetail: true,
    matchOnDescription: true,
  });
  if (chosen !== undefined) {
    const configuration = workspace.getConfiguration(SECTION);
    const inWorkspace = configuration.inspect('model')?.workspaceValue !== undefined;
    await configuration.update('model', chosen.name, inWorkspace ? ConfigurationTarget.Workspace : ConfigurationTarget.Global);
  }
}

function item(model: Model): QuickPickItem & { name: string } {
  const where = model.here ? 'on this machine' : 'to be downloaded';
  const fits = model.fits ? '' : 'does not fit this machine';
  return {
    name: model.name,
    label: `$(${model.current ? 'check' : model.here ? 'database' : 'cloud-download'}) ${model.name}`,
    description: [size(model.bytes), model.license, where, fits].filter(Boolean).join(' · '),
    detail: model.about,
  };
}

function size(bytes: number): string {
  if (bytes === 0) {
    return 'size not known';
  }
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
