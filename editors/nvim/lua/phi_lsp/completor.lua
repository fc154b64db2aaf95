--- Inline completion for a Neovim that has none (0.11): asks, and knows what came back.
---
--- The members are those of Neovim 0.12's own object, so that everything else is written once.

local protocol = require('vim.lsp.protocol')

local METHOD = 'textDocument/inlineCompletion'
local PAUSE_MILLISECONDS = 200
local AUTOMATIC = 2

local Completor = {}
Completor.__index = Completor

local active = {}

--- The object for a buffer if there is one.
function Completor.of(buf)
  return active[buf]
end

function Completor.attach(buf, client_id)
  local self = active[buf] or setmetatable({ bufnr = buf, pending = {} }, Completor)
  active[buf], self.client_id, self.items = self, client_id, {}
  self.augroup = vim.api.nvim_create_augroup('phi_lsp.completor.' .. buf, {})
  local function on(events, act)
    vim.api.nvim_create_autocmd(events, { group = self.augroup, buffer = buf, callback = act })
  end
  on({ 'InsertEnter', 'CursorMovedI', 'TextChangedP' }, function()
    self:automatic_request()
  end)
  on('InsertLeave', function()
    self:abort()
  end)
  return self
end

--- Ask no more.
function Completor:destroy()
  self:abort()
  vim.api.nvim_del_augroup_by_id(self.augroup)
  active[self.bufnr] = nil
end

function Completor:handler(err, result)
  if err and err.code ~= protocol.ErrorCodes.RequestCancelled then
    vim.lsp.log.error(METHOD, err)
  end
  if err or not result or not vim.startswith(vim.api.nvim_get_mode().mode, 'i') then
    return
  end
  self.items = result.items or result
  self:select(1)
end

function Completor:count_items()
  return #self.items
end

function Completor:get_item(index)
  return self.client_id, self.items[index]
end

--- Show the item of that number.
function Completor:select(index, show_index)
  self.current = self.items[index] and { _index = index } or nil
  self:show(show_index and (' (%d/%d)'):format(index, #self.items) or nil)
end

function Completor:hide()
  vim.api.nvim_buf_clear_namespace(self.bufnr, require('phi_lsp.ghost').NAMESPACE, 0, -1)
end

function Completor:request(kind)
  local client = vim.lsp.get_client_by_id(self.client_id)
  if not client then
    return
  end
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.context = { triggerKind = kind }
  local sent, id = client:request(METHOD, params, function(...)
    self:handler(...)
  end, self.bufnr)
  if sent then
    table.insert(self.pending, id)
  end
end

function Completor:reset_timer()
  local timer = self.timer
  self.timer = nil
  if timer and not timer:is_closing() then
    timer:stop()
    timer:close()
  end
end

--- Show what is left, and ask once typing pauses.
function Completor:automatic_request()
  self:show()
  self:reset_timer()
  self.timer = vim.defer_fn(function()
    self:request(AUTOMATIC)
  end, PAUSE_MILLISECONDS)
end

--- Show nothing, and want no answer any more.
function Completor:abort()
  local client = vim.lsp.get_client_by_id(self.client_id)
  for _, id in ipairs(self.pending) do
    if client and client.requests[id] then
      client:cancel_request(id)
    end
  end
  self.pending, self.current = {}, nil
  self:reset_timer()
  self:hide()
end

return Completor
