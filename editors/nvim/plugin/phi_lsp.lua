if vim.g.loaded_phi_lsp then
  return
end
vim.g.loaded_phi_lsp = true

vim.api.nvim_create_user_command('PhiLsp', function(command)
  require('phi_lsp.commands').run(command)
end, {
  nargs = '*',
  range = true,
  desc = 'Ask phi-lsp for something: see :help :PhiLsp',
  complete = function(...)
    return require('phi_lsp.commands').complete(...)
  end,
})

local group = vim.api.nvim_create_augroup('phi_lsp', {})

local function on(event, act)
  vim.api.nvim_create_autocmd(event, {
    group = group,
    callback = function(arguments)
      local client = vim.lsp.get_client_by_id(arguments.data.client_id)
      if client and client.name == 'phi_lsp' then
        act(arguments.buf, client, arguments.data)
      end
    end,
  })
end

on('LspAttach', function(buf, client)
  require('phi_lsp').attach(buf, client)
end)

on('LspDetach', function(buf)
  require('phi_lsp').detach(buf)
end)

on('LspProgress', function(_, client, data)
  local value = data.params.value
  if type(value) == 'table' and (value.kind == 'begin' or value.kind == 'report') then
    require('phi_lsp.message').progress(value.title or client.progress.pending[data.params.token] or '', value)
  end
end)

local redraw = vim.schedule_wrap(function()
  require('phi_lsp.inline').redraw()
end)

vim.api.nvim_create_autocmd({ 'CompleteChanged', 'CompleteDone' }, { group = group, callback = redraw })

vim.api.nvim_create_autocmd('User', {
  group = group,
  pattern = { 'BlinkCmpMenuOpen', 'BlinkCmpMenuClose' },
  callback = redraw,
})

vim.api.nvim_create_autocmd('CompleteDone', {
  group = group,
  callback = function()
    require('phi_lsp.popup').done()
  end,
})

vim.api.nvim_create_autocmd('FileType', {
  group = group,
  callback = function(arguments)
    require('phi_lsp.server').expected(arguments.match)
  end,
})
