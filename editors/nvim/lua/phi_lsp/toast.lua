--- A note in a corner for a few seconds: what is said in the message line while somebody types is not seen there.

local M = {}

local SECONDS = 8
local WIDEST = 60

local shown = nil

local function close(win)
  if win and vim.api.nvim_win_is_valid(win) then
    vim.api.nvim_win_close(win, true)
  end
end

--- The text in lines that are not too wide, broken between words.
local function wrapped(text)
  local lines, width = {}, math.min(WIDEST, vim.o.columns - 4)
  for _, paragraph in ipairs(vim.split(text, '\n', { plain = true })) do
    local line = ''
    for word in paragraph:gmatch('%S+') do
      local longer = line == '' and word or line .. ' ' .. word
      if line ~= '' and vim.fn.strdisplaywidth(longer) > width then
        table.insert(lines, line)
        longer = word
      end
      line = longer
    end
    table.insert(lines, line)
  end
  return lines
end

--- Show a text above everything else, without taking the cursor.
function M.show(text, highlight)
  local lines, width = wrapped(text), 1
  for _, line in ipairs(lines) do
    width = math.max(width, vim.fn.strdisplaywidth(line))
  end
  close(shown)
  local buf = vim.api.nvim_create_buf(false, true)
  vim.bo[buf].bufhidden = 'wipe'
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, lines)
  local win = vim.api.nvim_open_win(buf, false, {
    relative = 'editor',
    anchor = 'SE',
    row = vim.o.lines - vim.o.cmdheight - 1,
    col = vim.o.columns,
    width = math.min(width, vim.o.columns - 2),
    height = math.min(#lines, vim.o.lines - 4),
    border = 'rounded',
    style = 'minimal',
    focusable = false,
    noautocmd = true,
    zindex = 300,
  })
  vim.wo[win].winhighlight = 'NormalFloat:' .. highlight
  shown = win
  vim.defer_fn(function()
    close(win)
  end, SECONDS * 1000)
end

return M
