--- The entry of the popup menu, once it was accepted: Neovim puts its first word (0.11) or line (0.12) into the text,
--- the rest comes from here.

local accept = require('phi_lsp.accept')
local server = require('phi_lsp.server')

local M = {}

--- The edit of the entry that was accepted, and whose it is; nil where it is none of ours.
local function accepted()
  local of = vim.tbl_get(vim.v.completed_item, 'user_data', 'nvim', 'lsp')
  local client = of and vim.lsp.get_client_by_id(of.client_id)
  if client and client.name == server.NAME and vim.v.event.reason == 'accept' then
    return of.completion_item.textEdit, client
  end
end

--- Complete what was accepted; called while Neovim says of it.
function M.done()
  local edit, client = accepted()
  if not edit then
    return
  end
  local row, col = unpack(vim.api.nvim_win_get_cursor(0))
  local line = vim.api.nvim_get_current_line()
  local first = vim.str_byteindex(line, client.offset_encoding, edit.range.start.character, false)
  local text, there = edit.newText:gsub('\r\n?', '\n'), line:sub(first + 1, col)
  if vim.startswith(text, there) then
    accept.part(vim.api.nvim_get_current_buf(), { row = row - 1, col = col }, text:sub(#there + 1))
  end
end

return M
