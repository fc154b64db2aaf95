// VS Code's API as far as finding and installing the server use it, without VS Code: what it is told is printed, a JSON a
// line. Folders, settings and the Python extension are what the variable BARE_VSCODE says.
const { folders = [], trusted = true, settings = {}, python } = JSON.parse(process.env.BARE_VSCODE ?? "{}");
const say = (said) => console.log(JSON.stringify(said));
const environments = { getActiveEnvironmentPath: () => ({ path: python }) };

export const workspace = {
  isTrusted: trusted,
  workspaceFolders: folders.map((fsPath) => ({ uri: { scheme: "file", fsPath } })),
  getConfiguration: () => ({ get: (key, otherwise) => settings[key] ?? otherwise }),
};
export const extensions = {
  getExtension: () => (python === undefined ? undefined : { activate: async () => ({ environments }) }),
};
export const window = {
  withProgress: (_, work) =>
    work({ report: () => undefined }, { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) }),
  showErrorMessage: async (message) => say({ message }),
};
export const ProgressLocation = {};
