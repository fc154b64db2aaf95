--- What is suggested, as the buffer has it: pure questions about text, none about servers or screens.

local M = {}

---@class phi_lsp.Suggestion
---@field row integer where it begins, counted from 0
---@field col integer the same in bytes
---@field text string with '\n' between its lines
---@field after string the rest of the cursor's line when it was made
---@field replaced string what of the text after the cursor it stands for, mostly nothing

--- The text between two places of a buffer.
local function between(buf, row, col, end_row, end_col)
  local ok, lines = pcall(vim.api.nvim_buf_get_text, buf, row, col, end_row, end_col, {})
  return ok and table.concat(lines, '\n') or nil
end

--- Where the cursor is: row and column from 0, and the text of its line from there on.
function M.place(buf, win)
  local row, col = unpack(vim.api.nvim_win_get_cursor(win))
  local line = vim.api.nvim_buf_get_lines(buf, row - 1, row, false)[1] or ''
  return { row = row - 1, col = col, after = line:sub(col + 1) }
end

--- A byte offset in place of a protocol's character.
local function column(buf, position, encoding)
  local line = vim.api.nvim_buf_get_lines(buf, position.line, position.line + 1, false)[1] or ''
  return vim.str_byteindex(line, encoding, position.character, false)
end

--- The text of an item; that of a template with nothing filled in.
local function text_of(item)
  if type(item.insertText) == 'table' then
    return tostring(require('vim.lsp._snippet_grammar').parse(item.insertText.value))
  end
  return item.insertText
end

--- A suggestion from an item of the protocol, for the cursor at `place`.
---@return phi_lsp.Suggestion
function M.of(buf, item, encoding, place)
  -- Neovim keeps the line ends of a file apart from its lines.
  local text = text_of(item):gsub('\r\n?', '\n')
  local made = { row = place.row, col = place.col, text = text, after = place.after, replaced = '' }
  if item.range then
    local first, last = item.range.start, item.range['end']
    made.row, made.col = first.line, column(buf, first, encoding)
    made.replaced = between(buf, place.row, place.col, last.line, column(buf, last, encoding)) or ''
  end
  return made
end

--- What is left of a suggestion once its beginning was typed, for the cursor at `place`; nil when it does not fit.
---@return phi_lsp.Suggestion?
function M.left(buf, suggestion, place)
  local typed = between(buf, suggestion.row, suggestion.col, place.row, place.col)
  local fits = typed and place.after == suggestion.after and vim.startswith(suggestion.text, typed)
  if not fits or #typed == #suggestion.text then
    return nil
  end
  local rest = suggestion.text:sub(#typed + 1)
  return vim.tbl_extend('force', suggestion, { row = place.row, col = place.col, text = rest })
end

--- The first `part` of a suggestion's text: a 'word', a 'line', or 'all' of it.
function M.first(text, part)
  if part == 'word' then
    return text:match('^%s*[%w_\128-\255]+') or text:match('^%s*[^%w%s_\128-\255]+') or text
  elseif part == 'line' then
    return text:match('^\n*[^\n]+') or text
  end
  return text
end

--- Where the text that a suggestion replaces ends: row and column from 0.
function M.finish(suggestion)
  local lines = vim.split(suggestion.replaced, '\n', { plain = true })
  local col = #lines[#lines] + (#lines == 1 and suggestion.col or 0)
  return suggestion.row + #lines - 1, col
end

--- What is to be shown of its text: an end that stands in the buffer already is not shown twice.
function M.shown(suggestion)
  local text, replaced = suggestion.text, suggestion.replaced
  if replaced ~= '' and vim.endswith(text, replaced) then
    return text:sub(1, #text - #replaced)
  end
  return text
end

return M
