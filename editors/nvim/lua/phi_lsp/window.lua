--- Windows for reading: closed with `q`.

local M = {}

--- A buffer of its own kind with these lines in it.
function M.buffer(name, lines, filetype)
  local buf = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, lines)
  vim.bo[buf].bufhidden = 'wipe'
  vim.bo[buf].filetype = filetype
  vim.api.nvim_buf_set_name(buf, ('phi-lsp://%s/%d'):format(name, buf))
  vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buffer = buf, nowait = true, desc = 'Close this window' })
  return buf
end

--- Lines in a window above the others.
function M.float(title, lines)
  local buf = M.buffer(title, lines, 'phi-lsp')
  vim.bo[buf].modifiable = false
  local width = 20
  for _, line in ipairs(lines) do
    width = math.max(width, vim.fn.strdisplaywidth(line))
  end
  width = math.min(width, math.floor(vim.o.columns * 0.9))
  local win = vim.api.nvim_open_win(buf, true, {
    relative = 'editor',
    row = 2,
    col = math.floor((vim.o.columns - width) / 2),
    width = width,
    height = math.min(math.max(#lines, 1), vim.o.lines - 6),
    border = 'rounded',
    style = 'minimal',
    title = (' %s (q closes) '):format(title),
  })
  vim.wo[win].wrap = true
  vim.wo[win].linebreak = true
  return win
end

--- Lines in a window below the current one, which stays where it is.
function M.split(name, lines, filetype)
  local buf = M.buffer(name, lines, filetype)
  return buf, vim.api.nvim_open_win(buf, true, { split = 'below', win = 0 })
end

return M
