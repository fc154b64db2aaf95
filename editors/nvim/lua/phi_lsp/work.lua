--- What the server is busy with for somebody who waits for it, so that it can be stopped.

local message = require('phi_lsp.message')

local M = {}

local REQUEST_CANCELLED = -32800

---@type table<integer, vim.lsp.Client>
local running = {}

--- Tell that something did not come about, and why.
function M.failed(err)
  if err.code == REQUEST_CANCELLED then
    message.info('stopped')
  else
    message.warn(err.message)
  end
end

--- Ask for something that takes a while. `act` gets the result, or nil with the error that was told.
function M.ask(client, method, params, act)
  local id
  local sent, given = client:request(method, params, function(err, result)
    running[id] = nil
    if err then
      M.failed(err)
    end
    act(result, err)
  end, vim.api.nvim_get_current_buf())
  id = given
  if sent then
    running[id] = client
  end
  return id
end

--- Stop one piece of work, or all of it.
function M.cancel(only)
  local stopped = false
  for id, client in pairs(running) do
    if not only or only == id then
      client:cancel_request(id)
      stopped = true
    end
  end
  if not (stopped or only) then
    message.info('nothing is running')
  end
end

return M
