--- Keys of insert mode: each does its own while a suggestion is shown, and what it did before otherwise.

local M = {}

--- What the keys are for; `setup` may give other keys, or false for none.
M.DEFAULTS = {
  accept = '<Tab>',
  accept_word = '<M-Right>',
  accept_line = '<M-Down>',
  next = '<M-n>',
  previous = '<M-p>',
  dismiss = '<C-]>',
  trigger = '<M-\\>',
}

local function feed(keys, mode)
  vim.api.nvim_feedkeys(vim.keycode(keys), mode .. 'i', false)
end

local function feed_mapped(keys, map)
  feed(keys or '', map.noremap == 1 and 'n' or 'm')
end

--- Do what the key did before it was ours.
local function as_before(key, map)
  if not next(map) then
    feed(key, 'n')
  elseif map.expr == 1 then
    feed_mapped(map.callback and map.callback() or vim.api.nvim_eval(map.rhs), map)
  elseif map.callback then
    map.callback()
  else
    feed_mapped(map.rhs, map)
  end
end

--- Map the keys in a buffer. `act` takes the name of what a key is for, and says whether it did it.
function M.map(buf, keys, act)
  for name, key in pairs(keys) do
    local map = key and vim.fn.maparg(key, 'i', false, true)
    if key and map.desc ~= 'phi-lsp: ' .. name then
      vim.keymap.set('i', key, function()
        if not act(name) then
          as_before(key, map)
        end
      end, { buffer = buf, desc = 'phi-lsp: ' .. name })
    end
  end
end

return M
