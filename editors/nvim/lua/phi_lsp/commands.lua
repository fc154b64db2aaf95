--- `:PhiLsp`: a row for each thing to ask for.

local message = require('phi_lsp.message')
local server = require('phi_lsp.server')

local M = {}

--- What a command does, from a function of another file that is loaded once it is needed.
local function of(file, name)
  return function(...)
    return require('phi_lsp.' .. file)[name](...)
  end
end

local function languages()
  return vim.lsp.config[server.NAME].filetypes
end

local function open_log()
  vim.cmd.tabedit(vim.fn.fnameescape(vim.lsp.log.get_filename()))
end

local function doctor()
  local command = server.configured() or server.command()
  vim.cmd('botright new')
  vim.fn.jobstart(vim.list_extend(vim.deepcopy(command), { 'doctor' }), { term = true })
end

local function cancel()
  require('phi_lsp.work').cancel_all()
end

---@class phi_lsp.Command
---@field about string
---@field run fun(client: vim.lsp.Client?, command: table)
---@field complete (fun(): string[])? what may follow
---@field alone boolean? works without a server

---@type table<string, phi_lsp.Command>
M.ROWS = {
  ask = { about = 'ask a question, about the selection or the file', run = of('ask', 'begin') },
  cancel = { about = 'stop what the server works on', alone = true, run = cancel },
  complete = { about = 'write the body of the stub at the cursor', run = of('actions', 'complete') },
  dismiss = { about = 'show the finding at the cursor no more', run = of('actions', 'dismiss') },
  docstring = { about = 'write the docstring of the function', run = of('actions', 'docstring') },
  doctor = { about = 'check the installation', alone = true, run = doctor },
  download = { about = 'download the model that is missing', run = of('actions', 'download') },
  explain = { about = 'explain the finding at the cursor', run = of('actions', 'explain') },
  fix = { about = 'mend the finding at the cursor', run = of('actions', 'fix') },
  generate = { about = 'write the code that the comment asks for', run = of('actions', 'generate') },
  log = { about = 'open the log', alone = true, run = open_log },
  model = { about = 'choose the model', run = of('models', 'choose'), complete = of('models', 'names') },
  pause = { about = 'offer nothing unasked for', run = of('actions', 'pause'), complete = languages },
  restart = { about = 'open the model anew, or start the server', alone = true, run = of('actions', 'restart') },
  resume = { about = 'end a pause', run = of('actions', 'resume'), complete = languages },
  review = {
    about = 'look for mistakes in the function, or the file',
    run = of('actions', 'review'),
    complete = function()
      return { 'file' }
    end,
  },
  rewrite = { about = 'show the function written anew', run = of('actions', 'rewrite') },
  settings = { about = 'show the settings in force', run = of('models', 'show_settings') },
  status = { about = 'show the state of the server', alone = true, run = of('status', 'show') },
}

--- Run a command as `nvim_create_user_command` tells it.
function M.run(command)
  local name = command.fargs[1] or 'status'
  local row = M.ROWS[name]
  if not row then
    message.warn(('there is no :PhiLsp %s: press Tab after `:PhiLsp ` for what there is'):format(name))
    return
  end
  local client = not row.alone and server.wanted() or nil
  if row.alone or client then
    row.run(client, command)
  end
end

--- What may stand at the cursor of a command line.
function M.complete(lead, line)
  local words = vim.split(line, '%s+')
  local row = M.ROWS[words[2]]
  local offered = vim.tbl_keys(M.ROWS)
  if #words > 2 then
    offered = row and row.complete and row.complete() or {}
  end
  table.sort(offered)
  return vim.tbl_filter(function(word)
    return vim.startswith(word, lead)
  end, offered)
end

return M
