--- Questions to the model: the answer is shown beside the text while it is written.

local conversation = require('phi_lsp.conversation')
local message = require('phi_lsp.message')
local place = require('phi_lsp.place')
local server = require('phi_lsp.server')
local window = require('phi_lsp.window')
local work = require('phi_lsp.work')

local M = {}

---@class phi_lsp.Talk the one conversation there is
---@field buf integer
---@field source integer the buffer that it is about
---@field history { role: string, text: string }[]
---@field token string? what pieces of the answer are known by
---@field request integer?

---@type phi_lsp.Talk?
local talk = nil

local HINT = ' a: ask on  ^C: stop  gy: copy  gp: insert  q: close'

--- The code block at the cursor; without one the user is told.
local function block_here()
  local block = conversation.block(0, vim.api.nvim_win_get_cursor(0)[1])
  if not block then
    message.info('the cursor is in no code block')
  end
  return block
end

local function copy()
  local block = block_here()
  if block then
    vim.fn.setreg(vim.o.clipboard:find('unnamed') and '+' or '"', block, 'V')
    message.info(('%d lines copied'):format(#block))
  end
end

--- Put the code block below the cursor of the buffer that the conversation is about.
local function insert()
  local block, win = block_here(), vim.fn.bufwinid(talk.source)
  if block and win == -1 then
    message.info('the file that this is about is in no window')
  elseif block then
    local row = vim.api.nvim_win_get_cursor(win)[1]
    vim.api.nvim_buf_set_lines(talk.source, row, row, false, block)
  end
end

local function stop()
  if talk and talk.request then
    work.cancel(talk.request)
  end
end

--- Take a piece of an answer; says whether it was one.
function M.heard(token, value)
  if not talk or talk.token ~= token or type(value) ~= 'table' or not value.text then
    return false
  end
  conversation.append(talk.buf, value.text)
  return true
end

local function answered(mine, question, result)
  if talk ~= mine then
    return
  end
  mine.token, mine.request = nil, nil
  local text, reason = result and result.text or '', result and result.reason or 'stopped'
  if text ~= '' then
    vim.list_extend(mine.history, { { role = 'user', text = question }, { role = 'assistant', text = text } })
  end
  conversation.append(mine.buf, (reason ~= '' and ('\n*%s*'):format(reason) or '') .. '\n')
end

--- Send a question of a conversation, unless it is over or what it is about is gone.
local function put(client, mine, question, context)
  if talk ~= mine then
    return
  elseif not vim.api.nvim_buf_is_valid(mine.source) then
    message.info('the file that this is about is closed: :PhiLsp ask in another one')
    return
  end
  stop()
  mine.token = ('phi-lsp/ask/%d'):format(vim.uv.hrtime())
  local gap = #mine.history > 0 and '\n' or ''
  conversation.append(mine.buf, ('%s## %s\n\n'):format(gap, (question:gsub('\n', ' '))))
  local params = { question = question, history = mine.history, partialResultToken = mine.token }
  context = context or { uri = vim.uri_from_bufnr(mine.source) }
  mine.request = work.ask(client, 'phi-lsp/ask', vim.tbl_extend('error', params, context), function(result)
    answered(mine, question, result)
  end, mine.source)
end

local function with_question(given, act)
  if given ~= '' then
    act(given)
    return
  end
  vim.ui.input({ prompt = 'Ask phi-lsp: ' }, function(typed)
    if typed and typed ~= '' then
      act(typed)
    end
  end)
end

--- Ask on in the conversation, what is given or else typed.
local function ask_on(given)
  local mine = talk
  local client = server.wanted(mine.source)
  if client then
    with_question(given or '', function(question)
      put(client, mine, question)
    end)
  end
end

local function open(source)
  local buf = window.buffer('ask', { '' }, 'markdown')
  local win = vim.api.nvim_open_win(buf, true, { split = 'right', win = 0 })
  vim.wo[win].winbar = HINT
  vim.wo[win].wrap, vim.wo[win].linebreak = true, true
  talk = { buf = buf, source = source, history = {} }
  -- Later, because CTRL-C would interrupt what it calls.
  local keys = { a = ask_on, gy = copy, gp = insert, ['<C-c>'] = vim.schedule_wrap(stop) }
  for key, act in pairs(keys) do
    vim.keymap.set('n', key, act, { buffer = buf })
  end
  -- While a piece of an answer is written, Neovim takes CTRL-C for an interruption of that, and no mapping has it.
  local listening = vim.on_key(function(key)
    if key == '\3' and vim.api.nvim_get_current_buf() == buf then
      vim.schedule(stop)
    end
  end)
  vim.api.nvim_create_autocmd('BufWipeout', {
    buffer = buf,
    callback = function()
      vim.on_key(nil, listening)
      stop()
      talk = nil
    end,
  })
end

--- Ask about the current file: its selection, or what of it fits. In the window of the conversation, ask on.
function M.begin(client, command)
  local source, given = vim.api.nvim_get_current_buf(), table.concat(command.fargs, ' ', 2)
  if talk and talk.buf == source then
    ask_on(given)
    return
  end
  local context = place.here(client, command)
  with_question(given, function(question)
    if not talk then
      open(source)
    end
    talk.source = source
    put(client, talk, question, context)
  end)
end

return M
