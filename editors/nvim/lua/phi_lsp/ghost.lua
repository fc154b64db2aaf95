--- How a suggestion looks: ghost text from the cursor on, which is no part of the buffer.

local menu = require('phi_lsp.menu')
local suggestion = require('phi_lsp.suggestion')

local M = {}

M.NAMESPACE = vim.api.nvim_create_namespace('nvim.lsp.inline_completion')

local plain = vim.fn.hlexists('ComplHint') == 1 and 'ComplHint' or 'NonText'
vim.api.nvim_set_hl(0, 'PhiLspGhost', { link = plain, default = true })
vim.api.nvim_set_hl(0, 'PhiLspGhostMore', { link = 'MoreMsg', default = true })

--- A line with spaces in place of tabs, which virtual text does not align.
local function expanded(line, from, width)
  local column = from
  return (line:gsub('[^\t]*\t?', function(piece)
    local text = piece:gsub('\t', '')
    column = column + vim.fn.strdisplaywidth(text)
    if #text == #piece then
      return text
    end
    local gap = width - column % width
    column = column + gap
    return text .. (' '):rep(gap)
  end))
end

--- The lines to draw, each ready for virtual text.
local function lines_of(buf, left, hint)
  local width, lines = vim.bo[buf].tabstop, vim.split(suggestion.shown(left), '\n', { plain = true })
  local before = vim.api.nvim_buf_get_text(buf, left.row, 0, left.row, left.col, {})[1]
  local drawn = {}
  for number, line in ipairs(lines) do
    local from = number == 1 and vim.fn.strdisplaywidth(before) or 0
    drawn[number] = { { expanded(line, from, width), 'PhiLspGhost' } }
  end
  if hint then
    table.insert(drawn[#drawn], { hint, 'PhiLspGhostMore' })
  end
  return drawn
end

--- Draw what is left of a suggestion at the place where it goes on.
function M.draw(buf, left, hint)
  local lines = lines_of(buf, left, hint)
  local further, beside = vim.list_slice(lines, 2), menu.place()
  if beside and #further > 0 then
    menu.show(beside, further)
    further = {}
  end
  vim.api.nvim_buf_set_extmark(buf, M.NAMESPACE, left.row, left.col, {
    virt_text = lines[1],
    virt_text_pos = 'inline',
    virt_lines = #further > 0 and further or nil,
    hl_mode = 'combine',
  })
end

return M
