--- A conversation with the model in a buffer of Markdown.

local M = {}

--- Lines of the code block that a line of a buffer is in; nil outside of any.
function M.block(buf, row)
  local lines, fence, block = vim.api.nvim_buf_get_lines(buf, 0, -1, false), nil, {}
  for number, line in ipairs(lines) do
    if fence and vim.startswith(vim.trim(line), fence) then
      if row <= number then
        return row >= number - #block - 1 and block or nil
      end
      fence, block = nil, {}
    elseif fence then
      table.insert(block, line)
    else
      fence = line:match('^%s*(```+)')
    end
  end
  return nil
end

--- Put text at the end of a buffer; windows whose cursor is in its last line follow.
function M.append(buf, text)
  local last = vim.api.nvim_buf_line_count(buf)
  local following = vim.tbl_filter(function(win)
    return vim.api.nvim_win_get_cursor(win)[1] == last
  end, vim.fn.win_findbuf(buf))
  local col = #vim.api.nvim_buf_get_lines(buf, -2, -1, false)[1]
  vim.bo[buf].modifiable = true
  vim.api.nvim_buf_set_text(buf, last - 1, col, last - 1, col, vim.split(text:gsub('\r', ''), '\n', { plain = true }))
  vim.bo[buf].modifiable = false
  for _, win in ipairs(following) do
    vim.api.nvim_win_set_cursor(win, { vim.api.nvim_buf_line_count(buf), 0 })
  end
end

return M
