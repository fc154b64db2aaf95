--- The server as a client sees it: where it is, whether it runs, and how it is asked.

local M = {}

M.NAME = 'phi_lsp'

local MOST_ENDS = 3
local OF_LATE_MILLISECONDS = 60000

local ends = {}

--- The command that starts the server: `phi-lsp` of the PATH, or of the folder that the README installs it into.
function M.command()
  local installed = vim.fs.normalize('~/.phi-lsp/bin/phi-lsp')
  local found = vim.fn.executable('phi-lsp') == 0 and vim.fn.executable(installed) == 1
  return { found and installed or 'phi-lsp' }
end

--- The command as it is configured now; nil where it is a function of the user's.
function M.configured()
  local config = vim.lsp.config[M.NAME]
  local command = config and config.cmd
  return type(command) == 'table' and command or nil
end

--- Whether `vim.lsp.enable` was called for it. The first releases of Neovim 0.11 do not tell.
local function is_enabled()
  return not vim.lsp.is_enabled or vim.lsp.is_enabled(M.NAME)
end

local function is_missing()
  local command = M.configured()
  return command ~= nil and vim.fn.executable(command[1]) == 0
end

--- The client of a buffer, or any.
function M.client(buf)
  return vim.lsp.get_clients({ name = M.NAME, bufnr = buf })[1] or (buf and vim.lsp.get_clients({ name = M.NAME })[1])
end

--- Why there is no client, in one sentence with what to do.
function M.absence()
  if is_missing() then
    local text = '%s cannot be run: install it, or say where it is; :checkhealth phi_lsp says how'
    return text:format(M.configured()[1])
  elseif not is_enabled() then
    return "the server is not enabled: add `vim.lsp.enable('phi_lsp')` to your configuration"
  end
  return 'the server is not running here: open a Python, C++ or C file, or :PhiLsp restart'
end

--- The client of a buffer, else of the current one; without one the user is told why.
function M.wanted(buf)
  local client = M.client(buf or vim.api.nvim_get_current_buf())
  if not client then
    require('phi_lsp.message').warn(M.absence())
  end
  return client
end

--- Ask; `act` gets the result, and is not called when there is none. An error is told.
function M.ask(client, method, params, act, buf)
  return client:request(method, params, function(err, result)
    if err then
      require('phi_lsp.work').failed(err)
    elseif act then
      act(result)
    end
  end, buf or 0)
end

local warned = false

--- A file of that type was opened: tell once when the server would serve it but cannot be run. Neovim only logs that.
function M.expected(filetype)
  local config = vim.lsp.config[M.NAME]
  local serves = is_enabled() and config and vim.list_contains(config.filetypes or {}, filetype)
  if serves and not warned and is_missing() then
    warned = true
    require('phi_lsp.message').warn(M.absence())
  end
end

--- Start it for every buffer that it is for.
function M.start()
  vim.lsp.enable(M.NAME)
end

--- Start it again, unless it ended too often of late; says whether it did.
---
--- At once, because Neovim no longer follows the text of a buffer that is edited while no server is there for it.
local function start_again()
  local now = vim.uv.now()
  ends = vim.tbl_filter(function(at)
    return now - at < OF_LATE_MILLISECONDS
  end, ends)
  table.insert(ends, now)
  if #ends > MOST_ENDS then
    return false
  end
  M.start()
  return true
end

local function tell_of_end(why)
  require('phi_lsp.status').gone()
  local text = 'the server ended (%s); :PhiLsp log says why'
  if is_enabled() then
    text = start_again() and 'the server ended (%s) and was started again; :PhiLsp log says why'
      or 'the server ended (%s) again and again: :PhiLsp log says why, :PhiLsp restart starts it'
  end
  require('phi_lsp.message').warn(text:format(why))
end

--- Whether somebody wanted the end: of this server, or of Neovim.
local function is_wanted(client_id)
  local client = vim.lsp.get_client_by_id(client_id)
  return vim.v.exiting ~= vim.NIL or (client and client._is_stopping)
end

--- Called when the server's process is over.
function M.ended(code, signal, client_id)
  local abrupt = code ~= 0 or signal ~= 0
  local failed = abrupt and not is_wanted(client_id)
  if abrupt then
    require('phi_lsp.message').leave_out('Client ' .. M.NAME .. ' quit')
  end
  vim.schedule(vim.schedule_wrap(function()
    require('phi_lsp.work').gone(client_id)
    if failed then
      tell_of_end(signal ~= 0 and ('signal %d'):format(signal) or ('status %d'):format(code))
    end
  end))
end

return M
