local M = {}
function M.failed(err) require('phi_lsp.message').warn(err.message) end
return M
