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

--- Press keys, by their names or, as `"\<Down>"` has them, by their codes; they are mapped again where the map says so.
local function press(keys, named, map)
  keys = named and vim.keycode(keys) or keys
  vim.api.nvim_feedkeys(keys, (map.noremap == 0 and 'm' or 'n') .. 'i', not named)
end

--- Press what an expression comes to; a function that returns nothing did all there is to do.
local function press_result(map)
  local keys
  if map.callback then
    keys = map.callback()
  else
    keys = vim.api.nvim_eval(map.rhs)
  end
  if type(keys) == 'string' then
    press(keys, map.replace_keycodes == 1, map)
  end
end

--- Do what the key did before it was ours.
local function as_before(key, map)
  if map.expr == 1 then
    press_result(map)
  elseif map.callback then
    map.callback()
  else
    press(map.rhs or key, true, map)
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
