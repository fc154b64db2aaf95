--- Messages that never stop anybody from typing, however long they are.

local M = {}

local KEPT = 20

--- What was said last; `:PhiLsp status` shows it.
M.told = {}

--- A text as one line that fits; Neovim would wait for Enter after a longer one.
local function fitting(text)
  local line, room = text:gsub('%s*\n%s*', ' '), vim.v.echospace
  if vim.fn.strdisplaywidth(line) <= room then
    return line
  end
  local more = '… (:PhiLsp status)'
  return vim.fn.strcharpart(line, 0, math.max(room - vim.fn.strdisplaywidth(more), 0)) .. more
end

--- What shows messages while notices are left out, and how many of those are still to come.
local shows, left_out = nil, 0

--- Whether `vim.notify` is Neovim's own, which is part of its program, and not that of a plugin, which is in a file.
local function is_plain()
  return vim.fn.filereadable(debug.getinfo(shows or vim.notify, 'S').source:sub(2)) == 0
end

--- Leave out a notice that Neovim is about to give in words that begin so: where it is longer than a line, Neovim would
--- wait for Enter.
function M.leave_out(beginning)
  left_out = left_out + 1
  if left_out == 1 then
    shows = vim.notify
    vim.notify = function(text, ...)
      if not vim.startswith(text, beginning) then
        shows(text, ...)
      end
    end
  end
  vim.schedule(vim.schedule_wrap(function()
    left_out = left_out - 1
    if left_out == 0 then
      vim.notify, shows = shows, nil
    end
  end))
end

local function say(text, level)
  text = vim.startswith(text, 'phi-lsp') and text or 'phi-lsp: ' .. text
  table.insert(M.told, text)
  if #M.told > KEPT then
    table.remove(M.told, 1)
  end
  if not is_plain() then
    vim.notify(text, level, { title = 'phi-lsp' })
  elseif level == vim.log.levels.WARN or vim.startswith(vim.api.nvim_get_mode().mode, 'i') then
    require('phi_lsp.toast').show(text, level == vim.log.levels.WARN and 'WarningMsg' or 'Normal')
  else
    vim.notify(fitting(text), level)
  end
end

function M.info(text)
  say(text, vim.log.levels.INFO)
end

function M.warn(text)
  say(text, vim.log.levels.WARN)
end

--- Show how far the server is; not kept, because the next one says more.
function M.progress(title, value)
  local percent = value.percentage and (' %d %%'):format(value.percentage) or ''
  local said = value.message and ': ' .. value.message or ''
  vim.api.nvim_echo({ { fitting(('phi-lsp: %s%s%s'):format(title, percent, said)) } }, false, {})
end

return M
