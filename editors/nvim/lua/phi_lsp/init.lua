--- phi-lsp in Neovim: what a configuration may call. See `:help phi-lsp`.

local M = {}

local options = { keys = require('phi_lsp.keys').DEFAULTS, ghost_text = true }

--- Change what is done by default: `keys` (see `:help phi-lsp-keys`) and `ghost_text`. It need not be called.
function M.setup(given)
  options = vim.tbl_deep_extend('force', options, given or {})
end

--- What was chosen, by default or by `setup`.
function M.options()
  return options
end

--- Accept what is shown: 'all' of it, a 'word' or a 'line'. Says whether something is shown.
function M.accept(part)
  if not require('phi_lsp.inline').shown() then
    return false
  end
  -- A change of its own on both sides, so that one undo takes back what was accepted and nothing else.
  local apply = ('<Cmd>lua require("phi_lsp.inline").apply("%s")<CR>'):format(part or 'all')
  vim.api.nvim_feedkeys(vim.keycode('<C-g>u' .. apply .. '<C-g>u'), 'ni', false)
  return true
end

--- Show another of several suggestions.
function M.cycle(count)
  return require('phi_lsp.inline').cycle(count)
end

--- Take away what is shown. Says whether something was.
function M.dismiss()
  return require('phi_lsp.inline').dismiss()
end

--- Ask for a suggestion now.
function M.trigger()
  return require('phi_lsp.inline').trigger()
end

--- For 'statusline': `%{v:lua.require'phi_lsp'.statusline()}`.
function M.statusline()
  return require('phi_lsp.status').line()
end

local KEYS = {
  accept = function()
    return M.accept('all')
  end,
  accept_word = function()
    return M.accept('word')
  end,
  accept_line = function()
    return M.accept('line')
  end,
  next = function()
    return M.cycle(1)
  end,
  previous = function()
    return M.cycle(-1)
  end,
  dismiss = M.dismiss,
  trigger = M.trigger,
}

--- A server of ours serves a buffer from now on.
function M.attach(buf, client)
  local asked = client.server_capabilities.inlineCompletionProvider
  if asked and options.ghost_text then
    require('phi_lsp.inline').attach(buf, client.id)
    require('phi_lsp.keys').map(buf, options.keys, function(name)
      return KEYS[name]()
    end)
  end
end

--- It does not any more.
function M.detach(buf)
  require('phi_lsp.inline').detach(buf)
end

return M
