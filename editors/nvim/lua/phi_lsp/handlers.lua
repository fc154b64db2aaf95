--- What the server says without being asked. Nothing here waits for a key.

local message = require('phi_lsp.message')
local status = require('phi_lsp.status')

local WARNING = 2

return {
  ['window/showMessage'] = function(_, params)
    local tell = params.type <= WARNING and message.warn or message.info
    tell(params.message)
  end,

  -- A question with buttons would take the keys of somebody who types. The one there is, whether to download the
  -- model, is answered by a command instead.
  ['window/showMessageRequest'] = function(_, params)
    message.warn(params.message .. ' Yes: :PhiLsp download')
    return vim.NIL
  end,

  ['phi-lsp/statusChanged'] = function(_, params)
    status.changed(params)
  end,

  ['$/progress'] = function(err, params, context)
    local heard = require('phi_lsp.ask').heard
    if not heard(params.token, params.value) then
      vim.lsp.handlers['$/progress'](err, params, context)
    end
  end,
}
