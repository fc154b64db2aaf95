--- `:checkhealth phi_lsp`.

local server = require('phi_lsp.server')

local M = {}

local PATIENCE_MILLISECONDS = 5000

local function check_neovim()
  vim.health.start('Neovim')
  if vim.fn.has('nvim-0.11') == 0 then
    vim.health.error('Neovim 0.11 or later is needed')
  elseif require('phi_lsp.builtin').here() then
    vim.health.ok("inline completion is Neovim's own")
  else
    vim.health.ok('inline completion is that of this plugin, for this Neovim has none')
  end
end

--- The repository that this file lies in: the server is installed from there.
local function repository()
  return vim.fn.fnamemodify(debug.getinfo(1, 'S').source:sub(2), ':p:h:h:h:h:h')
end

local function check_command()
  vim.health.start('Server')
  local command = server.configured()
  if not command then
    vim.health.info('the command is a function of your configuration')
  elseif vim.fn.executable(command[1]) == 1 then
    vim.health.ok(('the command is %s'):format(table.concat(command, ' ')))
  else
    vim.health.error(('%s cannot be run'):format(command[1]), {
      ('install it: python3 -m venv ~/.phi-lsp && ~/.phi-lsp/bin/pip install %s'):format(repository()),
      "or say where it is: vim.lsp.config('phi_lsp', { cmd = { '/path/to/phi-lsp' } })",
    })
  end
end

local function check_client()
  local client = server.client()
  if not client then
    vim.health.warn(server.absence())
    return
  end
  vim.health.ok(('it runs, and serves %d buffers'):format(vim.tbl_count(client.attached_buffers)))
  local answer = client:request_sync('phi-lsp/status', vim.empty_dict(), PATIENCE_MILLISECONDS)
  local told = answer and answer.result
  if not told then
    vim.health.error('it does not answer', { ':PhiLsp log', ':PhiLsp restart' })
  elseif told.model.state == 'ready' then
    vim.health.ok(('%s answers'):format(told.model.name))
  else
    local next_steps = { ':PhiLsp download brings a model that is missing', ':PhiLsp doctor looks further' }
    vim.health.warn(told.model.state, next_steps)
  end
end

--- What a key of insert mode is for in a buffer, in the words of its mapping.
local function meaning(buf, key)
  local map = vim.api.nvim_buf_call(buf, function()
    return vim.fn.maparg(key, 'i', false, true)
  end)
  return map.desc or map.rhs or (map.callback and 'a function') or 'no mapping'
end

--- Whether something else takes the keys that accept a suggestion, in a buffer that the server serves.
local function check_keys()
  vim.health.start('Keys')
  local client = server.client()
  local buf = client and next(client.attached_buffers) or 0
  for name, key in pairs(require('phi_lsp').options().keys) do
    if key then
      vim.health.info(('%-12s %-10s (now: %s)'):format(name, key, meaning(buf, key)))
    end
  end
end

function M.check()
  check_neovim()
  check_command()
  check_client()
  check_keys()
end

return M
