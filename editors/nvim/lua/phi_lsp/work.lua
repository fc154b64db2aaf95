--- What the server is busy with for somebody who waits for it, so that it can be stopped.

local message = require('phi_lsp.message')
local server = require('phi_lsp.server')

local M = {}

local REQUEST_CANCELLED = -32800
local ACTIONS = { ['codeAction/resolve'] = true, ['workspace/executeCommand'] = true }

---@type table<integer, { client: vim.lsp.Client, act: fun(result: any) }>
local running = {}

--- Tell that something did not come about, and why.
function M.failed(err)
  if err.code ~= REQUEST_CANCELLED then
    message.warn(err.message)
  end
end

--- Ask for something that takes a while. `act` gets the result, or nil when there is none, which was told. The server
--- has the latest text of `buf` before it is asked.
function M.ask(client, method, params, act, buf)
  local id
  local sent, given = client:request(method, params, function(err, result)
    if running[id] then
      running[id] = nil
      if err then
        M.failed(err)
      end
      act(result)
    end
  end, buf or vim.api.nvim_get_current_buf())
  id = given
  if sent then
    running[id] = { client = client, act = act }
  end
  return id
end

--- Neovim passes on no answer to what it cancelled, so this is the end of it.
local function stop(id)
  local one = running[id]
  running[id] = nil
  one.client:cancel_request(id)
  one.act(nil)
end

--- Stop one piece of work.
function M.cancel(id)
  if running[id] then
    stop(id)
  end
end

--- Stop what Neovim asked for by itself, for a code action; says whether there was something.
local function cancel_actions()
  local found = false
  for _, client in ipairs(vim.lsp.get_clients({ name = server.NAME })) do
    for id, request in pairs(client.requests) do
      if request.type == 'pending' and ACTIONS[request.method] then
        client:cancel_request(id)
        found = true
      end
    end
  end
  return found
end

--- Stop all of it.
function M.cancel_all()
  local ids = vim.tbl_keys(running)
  vim.tbl_map(stop, ids)
  local found = cancel_actions()
  message.info((found or #ids > 0) and 'stopped' or 'nothing is running')
end

--- A server is gone: nothing that was asked of it comes any more.
function M.gone(client_id)
  for id, one in pairs(running) do
    if one.client.id == client_id then
      running[id] = nil
      one.act(nil)
    end
  end
end

return M
