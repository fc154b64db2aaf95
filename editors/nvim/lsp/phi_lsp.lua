--- The server's configuration: change any of it with `vim.lsp.config('phi_lsp', { … })`.

---@type vim.lsp.Config
return {
  cmd = require('phi_lsp.server').command(),
  filetypes = { 'python', 'cpp', 'c' },
  root_markers = { 'pyproject.toml', 'compile_commands.json', '.git' },
  -- The server's settings are listed in `:help phi-lsp-settings`.
  settings = { ['phi-lsp'] = vim.empty_dict() },
  capabilities = { experimental = { phiLsp = { status = true } } },
  handlers = require('phi_lsp.handlers'),
  on_exit = require('phi_lsp.server').ended,
}
