/** The sample at the end of the walkthrough: a file with a function to complete, the cursor where it goes on. */
import { Position, Selection, commands, window, workspace } from 'vscode';

const SAMPLE = `# A sample. The grey text is a suggestion: Tab takes it, Escape drops it, and typing goes through it.


def is_palindrome(text: str) -> bool:
    """Whether text reads the same backwards, ignoring case.

    >>> is_palindrome('Level')
    True
    >>> is_palindrome('phi')
    False
    """
    `;

export async function openSample(): Promise<void> {
  const document = await workspace.openTextDocument({ language: 'python', content: SAMPLE });
  const editor = await window.showTextDocument(document);
  const end = document.lineAt(document.lineCount - 1).range.end;
  editor.selection = new Selection(end, new Position(end.line, end.character));
  editor.revealRange(editor.selection);
  await commands.executeCommand('editor.action.inlineSuggest.trigger');
}
