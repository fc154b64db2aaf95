--- Where somebody asks for something, as the protocol says it.

local M = {}

function M.uri()
  return vim.uri_from_bufnr(0)
end

--- The document with the lines of a command's range, else with the cursor's position.
function M.here(client, command)
  if command.range == 0 then
    local position = vim.lsp.util.make_position_params(0, client.offset_encoding).position
    return { uri = M.uri(), position = position }
  end
  local last = vim.api.nvim_buf_get_lines(0, command.line2 - 1, command.line2, false)[1] or ''
  local first, finish = { command.line1, 0 }, { command.line2, math.max(#last - 1, 0) }
  local range = vim.lsp.util.make_given_range_params(first, finish, 0, client.offset_encoding).range
  return { uri = M.uri(), range = range }
end

local function covers(diagnostic, row, col)
  local after_start = row > diagnostic.lnum or (row == diagnostic.lnum and col >= diagnostic.col)
  local before_end = row < diagnostic.end_lnum or (row == diagnostic.end_lnum and col <= diagnostic.end_col)
  return after_start and before_end
end

--- The finding at the cursor, else the first that begins in its line: the server's name for it and its message.
function M.finding()
  local row, col = unpack(vim.api.nvim_win_get_cursor(0))
  local in_line
  for _, diagnostic in ipairs(vim.diagnostic.get(0)) do
    local name = vim.tbl_get(diagnostic, 'user_data', 'lsp', 'data', 'finding')
    if name and diagnostic.source == 'phi-lsp' then
      local found = { name = name, message = diagnostic.message }
      if covers(diagnostic, row - 1, col) then
        return found
      elseif diagnostic.lnum == row - 1 then
        in_line = in_line or found
      end
    end
  end
  return in_line
end

return M
