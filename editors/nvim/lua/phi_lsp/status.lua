--- What is known of the server: for the statusline, and in a window of its own.

local message = require('phi_lsp.message')
local server = require('phi_lsp.server')

local M = {}

---@class phi_lsp.Status what `phi-lsp/statusChanged` says
---@field model string?
---@field state string
---@field percent integer?
---@field message string
---@field reason string
---@field seconds number?
---@field remote string

---@type phi_lsp.Status?
M.current = nil

local ANSWERS = { ready = true, thinking = true }

--- The server says that something of this is different now.
function M.changed(status)
  local before = M.current and M.current.state
  M.current = status
  if ANSWERS[status.state] and not ANSWERS[before] then
    require('phi_lsp.inline').ask_again()
  end
  vim.api.nvim_exec_autocmds('User', { pattern = 'PhiLspStatus', modeline = false, data = status })
  vim.cmd.redrawstatus()
end

--- There is no server any more.
function M.gone()
  M.changed({ state = 'ended', message = server.absence(), reason = '', remote = '' })
end

local function present(value)
  return value ~= nil and value ~= vim.NIL and value ~= ''
end

--- For 'statusline': the state, and the model once it answers. Empty where no server of ours is attached.
function M.line()
  local status = M.current
  if not status or not server.client() and status.state ~= 'ended' then
    return ''
  elseif status.state == 'ready' then
    return ('phi %s'):format(present(status.model) and status.model or 'ready')
  end
  return ('phi %s%s'):format(status.state, present(status.percent) and (' %d %%'):format(status.percent) or '')
end

--- Tell why the last answer was empty.
function M.say_why(client_id)
  local client = vim.lsp.get_client_by_id(client_id)
  if client then
    server.ask(client, 'phi-lsp/status', vim.empty_dict(), function(told)
      local last = told.lastRequest
      local reason = present(last) and present(last.reason) and last.reason or told.model.state
      message.info('nothing to show: ' .. reason)
    end)
  end
end

--- What a window shows of the server.
local function lines_of(told)
  local summary = told.summary or {}
  local rows = {
    { 'Model', told.model.name },
    { 'State', present(summary.message) and summary.message or told.model.state },
    { 'Engine', told.engine.state },
    { 'Remote', summary.remote },
    { 'Last answer', present(summary.seconds) and ('%.2f s'):format(summary.seconds) or nil },
    { 'Why it was empty', present(told.lastRequest) and told.lastRequest.reason or nil },
  }
  local lines = {}
  for _, row in ipairs(rows) do
    if present(row[2]) then
      table.insert(lines, ('%-18s%s'):format(row[1], row[2]))
    end
  end
  return lines
end

local function show(lines)
  if #message.told > 0 then
    vim.list_extend(lines, { '', 'Messages' })
    for _, text in ipairs(message.told) do
      vim.list_extend(lines, vim.split(text, '\n', { plain = true }))
    end
  end
  require('phi_lsp.window').float('phi-lsp', lines)
end

--- Show what is known of the server, and what it said.
function M.show()
  local client = server.client(vim.api.nvim_get_current_buf())
  if not client then
    show({ 'State             ' .. server.absence() })
    return
  end
  server.ask(client, 'phi-lsp/status', vim.empty_dict(), function(told)
    show(lines_of(told))
  end)
end

return M
