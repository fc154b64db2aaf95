--- Ghost text beside a menu: it would cover the lines below the cursor, so they stand next to it.

local M = {}

local ABOVE_THE_MENU = 101
local LEAST_WIDTH = 20

--- Filetypes of the menus that nvim-cmp and blink.cmp draw as windows.
local DRAWN = { cmp_menu = true, ['blink-cmp-menu'] = true }

local window = nil

--- The rows and columns of Neovim's own menu, `bottom` and `right` being the first ones behind it; nil without one.
local function own()
  local menu = vim.fn.pumvisible() == 1 and vim.fn.pum_getpos() or {}
  if menu.row then
    local right = menu.col + menu.width + (menu.scrollbar and 1 or 0)
    return { top = menu.row, bottom = menu.row + menu.height, right = right }
  end
end

--- Those of a menu that a plugin draws.
local function drawn()
  for _, win in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    if DRAWN[vim.bo[vim.api.nvim_win_get_buf(win)].filetype] then
      local row, col = unpack(vim.api.nvim_win_get_position(win))
      local frame = type(vim.api.nvim_win_get_config(win).border) == 'table' and 2 or 0
      local bottom = row + vim.api.nvim_win_get_height(win) + frame
      return { top = row, bottom = bottom, right = col + vim.api.nvim_win_get_width(win) + frame }
    end
  end
end

--- Where lines beside the menu have room; nil where no menu covers the lines below the cursor.
function M.place()
  local menu = own() or drawn()
  if not menu or menu.top < vim.fn.screenrow() then
    return nil
  elseif vim.o.columns - menu.right >= LEAST_WIDTH then
    return { row = menu.top, col = menu.right }
  end
  return { row = menu.bottom, col = 0 }
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
