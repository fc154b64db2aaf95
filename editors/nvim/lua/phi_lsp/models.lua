--- Which model answers.

local message = require('phi_lsp.message')
local server = require('phi_lsp.server')

local M = {}

local SOON_MILLISECONDS = 1000

local function label_of(model)
  local marks = { model.current and 'in use' or model.here and 'here' or 'to be downloaded', model.license }
  if type(model.bytes) == 'number' and model.bytes > 0 then
    table.insert(marks, ('%d MB'):format(model.bytes / 1e6))
  end
  if model.fits == false then
    table.insert(marks, 'too large for this machine')
  end
  return ('%s  (%s)'):format(model.name, table.concat(marks, ', '))
end

--- The names of the models there are, for completion; none while the server does not answer at once.
function M.names()
  local client = server.client()
  local answer = client and client:request_sync('phi-lsp/models', vim.empty_dict(), SOON_MILLISECONDS)
  local models = answer and answer.result and answer.result.models or {}
  return vim.tbl_map(function(model)
    return model.name
  end, models)
end

--- Have another model answer, now and when the server is started again.
function M.switch(client, name)
  local settings = { ['phi-lsp'] = { model = name } }
  client.settings = vim.tbl_deep_extend('force', client.settings or {}, settings)
  vim.lsp.config(server.NAME, { settings = settings })
  client:notify('workspace/didChangeConfiguration', { settings = client.settings })
end

--- Choose one by its name, or from a list.
function M.choose(client, command)
  if command.fargs[2] then
    M.switch(client, command.fargs[2])
    return
  end
  server.ask(client, 'phi-lsp/models', vim.empty_dict(), function(result)
    vim.ui.select(result.models, { prompt = 'Model', format_item = label_of }, function(model)
      if model then
        M.switch(client, model.name)
        message.info(('%s is to answer; :PhiLsp status says how far it is'):format(model.name))
      end
    end)
  end)
end

--- Show the settings in force; those that differ from their defaults are marked.
function M.show_settings(client)
  server.ask(client, 'phi-lsp/settings', vim.empty_dict(), function(result)
    local lines = {}
    for _, row in ipairs(result.settings) do
      local mark = vim.deep_equal(row.value, row.default) and ' ' or '*'
      table.insert(lines, ('%s %-24s %s'):format(mark, row.key, vim.json.encode(row.value)))
    end
    table.insert(lines, '')
    table.insert(lines, '* differs from its default; :help phi-lsp-settings says what each is for')
    require('phi_lsp.window').float('settings', lines)
  end)
end

return M
