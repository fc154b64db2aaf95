--- A change as a difference to read before it is made.

local changes = require('phi_lsp.change')
local window = require('phi_lsp.window')

local M = {}

local HIGHEST = 15

local function difference(change)
  local diff = vim.text and vim.text.diff or vim.diff
  local old = table.concat(vim.api.nvim_buf_get_lines(change.buf, 0, -1, false), '\n') .. '\n'
  local new = table.concat(changes.outcome(change), '\n') .. '\n'
  return vim.split(vim.trim(diff(old, new, { ctxlen = 3 })), '\n', { plain = true })
end

--- Show a change below its buffer: Enter makes it, `q` leaves the text as it is.
function M.show(change)
  local lines = difference(change)
  local buf, win = window.split('preview', lines, 'diff')
  vim.bo[buf].modifiable = false
  vim.api.nvim_win_set_height(win, math.min(#lines + 1, HIGHEST))
  vim.wo[win].winbar = ' <CR> makes this change, q leaves the text as it is'
  vim.keymap.set('n', '<CR>', function()
    vim.api.nvim_win_close(win, true)
    changes.apply(change)
  end, { buffer = buf, desc = 'Make this change' })
end

return M
