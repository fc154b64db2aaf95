/** What the server does with the code at the cursor: a row for each command. It shows the outcome itself. */
import { languages, window } from 'vscode';
import type { Diagnostic, TextEditor } from 'vscode';
import type { Session } from './session';

type Argument = Readonly<Record<string, unknown>>;

interface Row {
  /** The name of this extension's command. */
  readonly command: string;
  /** The name of the server's. */
  readonly action: string;
  /** What it is about; undefined when the user changed their mind. */
  about(editor: TextEditor, session: Session): Promise<Argument | undefined> | Argument;
}

const ROWS: readonly Row[] = [
  { command: 'reviewFile', action: 'review', about: wholeFile },
  { command: 'reviewFunction', action: 'review', about: place },
  { command: 'rewriteFunction', action: 'rewrite', about: placeWithInstruction },
  { command: 'writeDocstring', action: 'docstring', about: place },
  { command: 'completeFunction', action: 'complete', about: place },
  { command: 'writeFromComment', action: 'generate', about: place },
  { command: 'fixFinding', action: 'fix', about: finding },
  { command: 'explainFinding', action: 'explain', about: finding },
  { command: 'dismissFinding', action: 'dismiss', about: finding },
  { command: 'dismissFindingKind', action: 'dismissKind', about: finding },
];

/** The commands, by their names without the prefix. */
export function editorCommands(session: Session): Readonly<Record<string, () => Promise<void>>> {
  return Object.fromEntries(ROWS.map((row) => [row.command, () => act(row, session)]));
}

async function act(row: Row, session: Session): Promise<void> {
  const editor = window.activeTextEditor;
  if (editor === undefined) {
    throw new Error('open a file in an editor first');
  }
  // Before anything is asked: where there is no server, that is what there is to say.
  session.connected();
  const argument = await row.about(editor, session);
  if (argument !== undefined) {
    await session.execute(row.action, argument);
  }
}

function wholeFile(editor: TextEditor, session: Session): Argument {
  return { uri: session.connected().code2ProtocolConverter.asUri(editor.document.uri) };
}

function place(editor: TextEditor, session: Session): Argument {
  const convert = session.connected().code2ProtocolConverter;
  const where = editor.selection.isEmpty
    ? { position: convert.asPosition(editor.selection.active) }
    : { range: convert.asRange(editor.selection) };
  return { ...wholeFile(editor, session), ...where };
}

async function placeWithInstruction(editor: TextEditor, session: Session): Promise<Argument | undefined> {
  const where = place(editor, session);
  const instruction = await window.showInputBox({
    title: 'Rewrite this function',
    prompt: 'How? Leave it empty to have it mended and tidied.',
    placeHolder: 'make it iterative',
  });
  return instruction === undefined ? undefined : { ...where, instruction };
}

function finding(editor: TextEditor, session: Session): Argument {
  const here = languages.getDiagnostics(editor.document.uri).find((diagnostic) => isFinding(diagnostic, editor));
  const name = here === undefined ? undefined : nameOf(here);
  if (name === undefined) {
    throw new Error('place the cursor on a finding of phi-lsp first');
  }
  return { ...wholeFile(editor, session), finding: name };
}

function isFinding(diagnostic: Diagnostic, editor: TextEditor): boolean {
  return nameOf(diagnostic) !== undefined && diagnostic.range.contains(editor.selection.active);
}

/** The name that the server gave a finding; the client keeps it beside what VS Code shows. */
function nameOf(diagnostic: Diagnostic & { readonly data?: { readonly finding?: string } }): string | undefined {
  return diagnostic.source === 'phi-lsp' ? diagnostic.data?.finding : undefined;
}
