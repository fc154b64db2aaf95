--- Inline completion in a buffer: what is left of a suggestion while its text is typed, and what of it is taken.
---
--- It sits on the object that asks (`phi_lsp.builtin` or `phi_lsp.completor`) and takes over what that shows, and when.

local accept = require('phi_lsp.accept')
local builtin = require('phi_lsp.builtin')
local completors = require('phi_lsp.completor')
local ghost = require('phi_lsp.ghost')
local menu = require('phi_lsp.menu')
local server = require('phi_lsp.server')
local suggestion = require('phi_lsp.suggestion')

local M = {}

local INVOKED = 1

local function window_of(buf)
  local win = vim.api.nvim_get_current_win()
  return vim.api.nvim_win_get_buf(win) == buf and win or vim.fn.bufwinid(buf)
end

--- What of the current suggestion is left at the cursor, and whose item it is; nil when there is none, or the text went
--- another way.
local function left_of(completor)
  local win = window_of(completor.bufnr)
  if not completor.current or win == -1 then
    return nil
  end
  local client_id, item = completor:get_item(completor.current._index)
  local place = suggestion.place(completor.bufnr, win)
  local left = item and item.seen and suggestion.left(completor.bufnr, item.seen, place)
  return left, item, client_id
end

--- Draw what is left, now: it may be called after every key, so that no frame is without it.
local function show(completor, hint)
  completor:hide()
  local left = left_of(completor)
  if not left then
    completor.current = nil
    return
  end
  -- While its text is typed there is nothing to ask for.
  completor:reset_timer()
  if completor.current.range then
    builtin.keep(completor, left)
  end
  ghost.draw(completor.bufnr, left, hint)
end

--- Read the items of an answer while the text is still the one that they are for.
local function read(completor, result, client_id)
  local client, win = vim.lsp.get_client_by_id(client_id), window_of(completor.bufnr)
  for _, item in ipairs(result and (result.items or result) or {}) do
    if client and win ~= -1 then
      local place = suggestion.place(completor.bufnr, win)
      item.seen = suggestion.of(completor.bufnr, item, client.offset_encoding, place)
    end
  end
end

local function is_ours(client_id)
  local client = vim.lsp.get_client_by_id(client_id)
  return client ~= nil and client.name == server.NAME
end

--- Say why nothing came to who asked by hand.
local function answer_hand(completor, client_id)
  if completor.by_hand and is_ours(client_id) then
    completor.by_hand = false
    if not completor.current then
      require('phi_lsp.status').say_why(client_id)
    end
  end
end

--- Forget what several servers answered before: their answers to a new request come one after the other.
local function forget(completor)
  for _, state in pairs(completor.client_state or {}) do
    state.items = nil
  end
end

local function take_over(completor)
  local asks, handles, hides = completor.automatic_request, completor.handler, completor.hide
  local requests = completor.request
  completor.show = show
  function completor.request(self, kind)
    forget(self)
    requests(self, kind)
  end
  function completor.hide(self)
    hides(self)
    menu.hide()
  end
  function completor.automatic_request(self)
    self:show()
    if not self.current then
      asks(self)
    end
  end
  function completor.handler(self, err, result, context)
    read(self, result, context.client_id)
    handles(self, err, result, context)
    answer_hand(self, context.client_id)
  end
end

--- The object for a buffer, nil where nothing is attached.
local function of(buf)
  return builtin.of(buf) or completors.of(buf)
end

--- Begin in a buffer that a server of ours is being attached to.
function M.attach(buf, client_id)
  builtin.enable(buf)
  -- Neovim makes its object after it has told everybody of the server, which is two turns of its loop from here.
  vim.schedule(vim.schedule_wrap(function()
    local completor = builtin.of(buf) or completors.attach(buf, client_id)
    if not rawget(completor, 'show') then
      take_over(completor)
    end
  end))
end

--- Draw anew: the popup menu came or went.
function M.redraw()
  local completor = of(vim.api.nvim_get_current_buf())
  if completor and completor.current then
    completor:show()
  end
end

--- There is a model now: ask what could not be answered before.
function M.ask_again()
  local completor = of(vim.api.nvim_get_current_buf())
  if completor and not completor.current and vim.startswith(vim.api.nvim_get_mode().mode, 'i') then
    completor:automatic_request()
  end
end

--- End in a buffer.
function M.detach(buf)
  local completor = completors.of(buf)
  if completor then
    completor:destroy()
  end
end

--- What would be accepted now; nil when nothing is shown.
function M.shown()
  local completor = of(vim.api.nvim_get_current_buf())
  return completor and left_of(completor)
end

--- Put a part of what is shown into the text. `phi_lsp.accept` brackets this so that one undo takes it back.
function M.apply(part)
  local buf = vim.api.nvim_get_current_buf()
  local completor = of(buf)
  if not (completor and completor.current) then
    return
  end
  local left, item, client_id = left_of(completor)
  local text = left and suggestion.first(left.text, part)
  if left and text == left.text then
    completor:abort()
    accept.all(buf, left, item, vim.lsp.get_client_by_id(client_id))
  elseif left then
    accept.part(buf, left, text)
  end
end

--- Show the next of several suggestions, or with -1 the one before.
function M.cycle(count)
  local completor = of(vim.api.nvim_get_current_buf())
  if not (completor and completor.current) then
    return false
  end
  completor:select((completor.current._index - 1 + count) % completor:count_items() + 1, true)
  return true
end

--- Show nothing until the text changes.
function M.dismiss()
  local showed, completor = M.shown() ~= nil, of(vim.api.nvim_get_current_buf())
  if completor then
    completor:abort()
  end
  return showed
end

--- Ask now, and say why when nothing comes.
function M.trigger()
  local completor = of(vim.api.nvim_get_current_buf())
  if completor then
    completor:abort()
    completor.by_hand = true
    completor:request(INVOKED)
  end
  return completor ~= nil
end

return M
