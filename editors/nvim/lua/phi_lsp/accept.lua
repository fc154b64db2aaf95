--- What is accepted of a suggestion, put into the text.

local suggestion = require('phi_lsp.suggestion')

local M = {}

--- Put a text between two places, and the cursor behind it.
local function put(buf, first, row, col, text)
  local lines = vim.split(text, '\n', { plain = true })
  vim.api.nvim_buf_set_text(buf, first.row, first.col, row, col, lines)
  vim.api.nvim_win_set_cursor(0, { first.row + #lines, #lines[#lines] + (#lines == 1 and first.col or 0) })
end

--- The first text of what is left.
function M.part(buf, left, text)
  put(buf, left, left.row, left.col, text)
end

--- All that is left, as Neovim does it: a template is expanded, and the item's command is run.
function M.all(buf, left, item, client)
  local row, col = suggestion.finish(left)
  if type(item.insertText) == 'table' then
    -- What was typed of it is in the template too.
    put(buf, item.seen, row, col, '')
    vim.snippet.expand(item.insertText.value)
  else
    put(buf, left, row, col, left.text)
  end
  if client and item.command then
    client:exec_cmd(item.command, { bufnr = buf })
  end
end

return M
