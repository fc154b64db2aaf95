--- Inline completion in a buffer: what is left of a suggestion while its text is typed, and what of it is taken.
---
--- It sits on the object that asks (`phi_lsp.builtin` or `phi_lsp.completor`) and takes over what that shows, and when.

local builtin = require('phi_lsp.builtin')
local completors = require('phi_lsp.completor')
local ghost = require('phi_lsp.ghost')
local menu = require('phi_lsp.menu')
local suggestion = require('phi_lsp.suggestion')

local M = {}

local INVOKED = 1

local function window_of(buf)
  local win = vim.api.nvim_get_current_win()
  return vim.api.nvim_win_get_buf(win) == buf and win or vim.fn.bufwinid(buf)
end

--- What of the current suggestion is left at the cursor; nil when there is none, or the text went another way.
local function left_of(completor)
  local win = window_of(completor.bufnr)
  if not completor.current or win == -1 then
    return nil
  end
  local _, item = completor:get_item(completor.current._index)
  local place = suggestion.place(completor.bufnr, win)
  return item and item.seen and suggestion.left(completor.bufnr, item.seen, place)
end

--- Draw what is left, now: it may be called after every key, so that no frame is without it.
local function show(completor, hint)
  completor:hide()
  local left = left_of(completor)
  if not left then
    completor.current = nil
    return
  end
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

local function take_over(completor)
  local asks, handles, hides = completor.automatic_request, completor.handler, completor.hide
  completor.show = show
  function completor.hide(self)
    hides(self)
    menu.hide()
  end
  function completor.automatic_request(self)
    self:reset_timer()
    self:show()
    -- While its text is typed there is nothing to ask for.
    if not self.current then
      asks(self)
    end
  end
  function completor.handler(self, err, result, context)
    read(self, result, context.client_id)
    handles(self, err, result, context)
    if self.by_hand and not self.current then
      require('phi_lsp.status').say_why(context.client_id)
    end
    self.by_hand = false
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
  local buf, left = vim.api.nvim_get_current_buf(), M.shown()
  if not left then
    return
  end
  local text = suggestion.first(left.text, part)
  local row, col = left.row, left.col
  if text == left.text then
    row, col = suggestion.finish(left)
    of(buf):abort()
  end
  local lines = vim.split(text, '\n', { plain = true })
  vim.api.nvim_buf_set_text(buf, left.row, left.col, row, col, lines)
  vim.api.nvim_win_set_cursor(0, { left.row + #lines, #lines[#lines] + (#lines == 1 and left.col or 0) })
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
