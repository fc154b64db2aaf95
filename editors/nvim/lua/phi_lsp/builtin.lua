--- Neovim 0.12's own inline completion: it asks, and knows what came back.
---
--- Its functions have no way to ask by hand or to take a part, and what it shows goes stale while a new answer is on
--- its way. So the object behind them is used; where a Neovim has none of this shape, `phi_lsp.completor` is ours.

local M = {}

local NEEDED = {
  'abort',
  'automatic_request',
  'count_items',
  'get_item',
  'handler',
  'hide',
  'request',
  'reset_timer',
  'select',
  'show',
}

local function class()
  if not (vim.lsp.inline_completion and vim.range) then
    return nil
  end
  local ok, capability = pcall(require, 'vim.lsp._capability')
  local found = ok and type(capability.all) == 'table' and capability.all.inline_completion
  for _, name in ipairs(NEEDED) do
    if not found or type(found[name]) ~= 'function' then
      return nil
    end
  end
  return found
end

--- Whether this Neovim has it.
function M.here()
  return class() ~= nil
end

--- Enable it in a buffer; the object is there soon after.
function M.enable(buf)
  if class() then
    vim.lsp.inline_completion.enable(true, { bufnr = buf })
  end
end

--- The object for a buffer if there is one.
function M.of(buf)
  local found = class()
  return found and found.active[buf]
end

--- Keep what Neovim itself would accept in step with what is shown.
function M.keep(completor, left)
  local suggestion = require('phi_lsp.suggestion')
  local row, col = suggestion.finish(left)
  completor.current.insert_text = left.text
  completor.current.range = vim.range.extmark(completor.bufnr, left.row, left.col, row, col)
end

return M
