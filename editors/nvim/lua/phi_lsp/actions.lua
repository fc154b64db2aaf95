--- What the commands do that are about the text at the cursor.

local change = require('phi_lsp.change')
local message = require('phi_lsp.message')
local place = require('phi_lsp.place')
local server = require('phi_lsp.server')
local work = require('phi_lsp.work')

local M = {}

local function execute(client, command, argument, act)
  local params = { command = 'phi-lsp.' .. command, arguments = { next(argument) and argument or vim.empty_dict() } }
  work.ask(client, 'workspace/executeCommand', params, function(result)
    if result and act then
      act(result)
    end
  end)
end

--- Review the function at the cursor, or with `file` the whole file.
function M.review(client, command)
  local whole = command.fargs[2] == 'file'
  execute(client, 'review', whole and { uri = place.uri() } or place.here(client, command), function(result)
    if (tonumber(result.findings) or 0) > 0 then
      message.info(('%d found: :PhiLsp fix, explain or dismiss, with the cursor there'):format(result.findings))
    end
  end)
end

--- Show the function at the cursor written anew.
function M.rewrite(client, command)
  local argument = place.here(client, command)
  argument.instruction = table.concat(command.fargs, ' ', 2)
  change.ask(client, 'rewrite', argument, require('phi_lsp.preview').show)
end

--- Write what stands for the name of the command.
local function write(name)
  return function(client, command)
    change.ask(client, name, place.here(client, command), change.apply)
  end
end

M.generate = write('generate')
M.complete = write('complete')
M.docstring = write('docstring')

--- Do something about the finding at the cursor.
local function about(act)
  return function(client)
    local finding = place.finding()
    if not finding then
      message.info('there is no finding of phi-lsp in this line: :PhiLsp review looks for some')
      return
    end
    act(client, { uri = place.uri(), finding = finding.name })
  end
end

M.fix = about(function(client, argument)
  change.ask(client, 'fix', argument, change.apply)
end)

M.explain = about(function(client, argument)
  execute(client, 'explain', argument, function(result)
    if result.text then
      vim.lsp.util.open_floating_preview(vim.split(result.text, '\n'), 'markdown', { wrap = true, max_width = 80 })
    end
  end)
end)

M.dismiss = about(function(client, argument)
  execute(client, 'dismiss', argument)
end)

--- Offer nothing unasked for until it is resumed: `pause`, `pause LANGUAGE`, `pause MINUTES`, `pause LANGUAGE MINUTES`.
function M.pause(client, command)
  local minutes = tonumber(command.fargs[#command.fargs])
  local language = not tonumber(command.fargs[2]) and command.fargs[2] or nil
  execute(client, 'pause', { language = language, seconds = minutes and minutes * 60 }, function()
    message.info('paused: :PhiLsp resume ends it')
  end)
end

function M.resume(client, command)
  execute(client, 'resume', { language = command.fargs[2] }, function(result)
    message.info(result.reason ~= '' and result.reason or 'completions go on')
  end)
end

--- Bring the model that is missing.
function M.download(client)
  execute(client, 'download', {}, function(result)
    if result.reason ~= '' then
      message.info(result.reason)
    end
  end)
end

--- Open the model anew; a server that is gone is started.
function M.restart()
  local client = server.client()
  if client then
    execute(client, 'restart', {})
  else
    server.start()
  end
end

return M
