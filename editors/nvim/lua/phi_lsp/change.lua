--- Changes that the server proposes: asked for, and made in one step or not at all.

local message = require('phi_lsp.message')
local work = require('phi_lsp.work')

local M = {}

---@class phi_lsp.Change
---@field buf integer
---@field tick integer the buffer's `changedtick` that it fits
---@field edits lsp.TextEdit[]
---@field label string what it does, in the server's words
---@field encoding string

local function label_of(edit)
  local _, annotation = next(edit.changeAnnotations or {})
  return annotation and annotation.label or ''
end

--- The edits of a document, without the mark that has Neovim wait for a key before it makes them.
local function edits_of(edit)
  local document = edit.documentChanges and edit.documentChanges[1]
  local edits = document and document.edits or select(2, next(edit.changes or {})) or {}
  return vim.tbl_map(function(one)
    return { range = one.range, newText = one.newText }
  end, edits)
end

--- Ask for the change that an action of the server's comes to; `act` gets it once it is there.
function M.ask(client, action, argument, act)
  local buf = vim.api.nvim_get_current_buf()
  local tick = vim.api.nvim_buf_get_changedtick(buf)
  local wish = { title = action, data = vim.tbl_extend('error', { action = action }, argument) }
  work.ask(client, 'codeAction/resolve', wish, function(result)
    local edit = result and result.edit
    if edit then
      act({ buf = buf, tick = tick, edits = edits_of(edit), label = label_of(edit), encoding = client.offset_encoding })
    end
  end)
end

--- Make a change, in one step for undo; says whether the text was still the one it fits.
function M.apply(change)
  local loaded = vim.api.nvim_buf_is_loaded(change.buf)
  if not loaded or vim.api.nvim_buf_get_changedtick(change.buf) ~= change.tick then
    message.warn('nothing was changed: the text is another one by now; ask again')
    return false
  end
  vim.lsp.util.apply_text_edits(change.edits, change.buf, change.encoding)
  if change.label ~= '' then
    message.info(change.label)
  end
  return true
end

--- The lines of the buffer as the change would leave them.
function M.outcome(change)
  local scratch = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(scratch, 0, -1, false, vim.api.nvim_buf_get_lines(change.buf, 0, -1, false))
  vim.lsp.util.apply_text_edits(change.edits, scratch, change.encoding)
  local lines = vim.api.nvim_buf_get_lines(scratch, 0, -1, false)
  vim.api.nvim_buf_delete(scratch, { force = true })
  return lines
end

return M
