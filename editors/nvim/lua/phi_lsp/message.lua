--- Messages that never stop anybody from typing: a line each, however long the text is.

local M = {}

local KEPT = 20

M.told = {}

--- A text as one line that fits; Neovim would ask for Enter after a longer one.
local function fitting(text)
  local line, room = text:gsub('%s*\n%s*', ' '), vim.v.echospace
  if vim.fn.strdisplaywidth(line) <= room then
    return line
  end
  local more = '… (:PhiLsp status)'
  return vim.fn.strcharpart(line, 0, math.max(room - vim.fn.strdisplaywidth(more), 0)) .. more
end

local function say(text, level)
  table.insert(M.told, text)
  if #M.told > KEPT then
    table.remove(M.told, 1)
  end
  vim.notify(fitting(text), level, { title = 'phi-lsp' })
end

local function named(text)
  return vim.startswith(text, 'phi-lsp') and text or 'phi-lsp: ' .. text
end

function M.info(text)
  say(named(text), vim.log.levels.INFO)
end

function M.warn(text)
  say(named(text), vim.log.levels.WARN)
end

--- Show how far the server is; not kept, because the next one says more.
function M.progress(client, params)
  local value = type(params.value) == 'table' and params.value or {}
  if value.kind == 'report' or value.kind == 'begin' then
    local percent = value.percentage and (' %d %%'):format(value.percentage) or ''
    local title = value.title or client.progress.pending[params.token] or ''
    local said = value.message and ': ' .. value.message or ''
    vim.api.nvim_echo({ { fitting(('phi-lsp: %s%s%s'):format(title, percent, said)) } }, false, {})
  end
end

return M
