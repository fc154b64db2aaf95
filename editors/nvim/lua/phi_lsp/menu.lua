--- Ghost text beside the popup menu: the menu would cover the lines below the cursor, so they stand next to it.

local M = {}

local ABOVE_THE_MENU = 101
local LEAST_WIDTH = 20

local window = nil

--- Where lines beside the menu have room; nil where no menu covers the lines below the cursor.
function M.place()
  local menu = vim.fn.pumvisible() == 1 and vim.fn.pum_getpos() or {}
  if not menu.row or menu.row < vim.fn.screenrow() then
    return nil
  end
  local right = menu.col + menu.width + (menu.scrollbar and 1 or 0)
  if vim.o.columns - right >= LEAST_WIDTH then
    return { row = menu.row, col = right }
  end
  return { row = menu.row + menu.height, col = 0 }
end

function M.hide()
  if window and vim.api.nvim_win_is_valid(window) then
    vim.api.nvim_win_close(window, true)
  end
  window = nil
end

--- Show lines, each as virtual text has them, at a place.
function M.show(place, lines)
  local text, width = {}, 1
  for number, line in ipairs(lines) do
    text[number] = ' ' .. line[1][1]
    width = math.max(width, vim.fn.strdisplaywidth(text[number]) + 1)
  end
  local buf = vim.api.nvim_create_buf(false, true)
  vim.bo[buf].bufhidden = 'wipe'
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, text)
  window = vim.api.nvim_open_win(buf, false, {
    relative = 'editor',
    row = place.row,
    col = place.col,
    width = math.min(width, vim.o.columns - place.col),
    height = math.max(math.min(#text, vim.o.lines - vim.o.cmdheight - place.row), 1),
    style = 'minimal',
    border = 'none',
    focusable = false,
    noautocmd = true,
    zindex = ABOVE_THE_MENU,
  })
  vim.wo[window].winhighlight = 'NormalFloat:PhiLspGhost'
end

return M
