vim9script
# phi-lsp in Vim 9.1 with ALE. Copy this file to ~/.vim/plugin/.

for language in ['python', 'c', 'cpp']
  ale#linter#Define(language, {
    name: 'phi-lsp',
    lsp: 'stdio',
    executable: 'phi-lsp',
    command: '%e',
    project_root: (buffer: number) => fnamemodify(bufname(buffer), ':p:h'),
    # Every setting of phi-lsp can stand here.
    initialization_options: {popupMilliseconds: 5000},
  })
endfor
# ALE runs these of its own for Python where a vimrc names none.
g:ale_linters = extend({python: ['flake8', 'mypy', 'pylint', 'pyright', 'ruff', 'phi-lsp']}, get(g:, 'ale_linters', {}))
g:ale_lsp_show_message_severity = 'information'

# ALE's own completion cuts every entry at its first parenthesis, so this key asks for the whole of it.
set completeopt=menuone,noinsert,popup
inoremap <silent> <C-l> <ScriptCmd>Complete()<CR>
autocmd CompleteDone * Finish()

# :PhiLsp rewrite, :PhiLsp docstring, …: what is to be done with the function or the comment under the cursor.
command! -nargs=1 -complete=customlist,Names PhiLsp Run(<q-args>)

def Names(begun: string, _: string, _: number): list<string>
  return filter(['complete', 'docstring', 'generate', 'review', 'rewrite'], (_, name) => stridx(name, begun) == 0)
enddef

def Place(): dict<any>
  return {line: line('.') - 1, character: utf16idx(getline('.'), col('.') - 1, true)}
enddef

def Uri(): string
  return ale#util#ToURI(expand('%:p'))
enddef

def Ask(method: string, params: dict<any>, Answered: func(dict<any>))
  const server = filter(ale#linter#GetAll([&filetype]), (_, linter) => linter.name ==# 'phi-lsp')[0]
  ale#lsp_linter#StartLSP(bufnr(), server, (_, started) => {
    # What was typed since ALE last told the server.
    ale#lsp#NotifyForChanges(started.connection_id, started.buffer)
    ale#lsp_linter#SendRequest(started.buffer, 'phi-lsp', [0, method, params], Answered)
  })
enddef

def Complete()
  const at = getcurpos()[1 : 2]
  const asked = {textDocument: {uri: Uri()}, position: Place()}
  Ask('textDocument/completion', asked, (answer) => Show(at, get(get(answer, 'result', {}), 'items', [])))
enddef

def Show(at: list<number>, items: list<dict<any>>)
  if mode() !=# 'i' || getcurpos()[1 : 2] != at
    return
  elseif empty(items)
    Ask('phi-lsp/status', {}, Explain)
    return
  endif
  const [edit, text] = [items[0].textEdit, getline('.')]
  const start = byteidxcomp(text, edit.range.start.character, true)
  # The popup replaces what stands before the cursor alone, and it indents further lines anew.
  const tail = strpart(text, at[1] - 1, byteidxcomp(text, edit.range.end.character, true) - at[1] + 1)
  const lines = split(substitute(edit.newText, '\V' .. escape(tail, '\') .. '\$', '', ''), '\n', true)
  const data = {phi_lsp: lines[1 :]}
  complete(start + 1, [{word: lines[0], abbr: items[0].label, menu: 'phi-lsp', info: edit.newText, user_data: data}])
enddef

def Explain(status: dict<any>)
  popup_atcursor('phi-lsp: ' .. status.result.lastRequest.reason, {moved: 'any'})
enddef

def Finish()
  const data = get(v:completed_item, 'user_data', '')
  if type(data) == v:t_dict && !empty(get(data, 'phi_lsp', []))
    const [before, after] = [strpart(getline('.'), 0, col('.') - 1), strpart(getline('.'), col('.') - 1)]
    setline('.', before)
    append('.', data.phi_lsp[: -2] + [data.phi_lsp[-1] .. after])
    cursor(line('.') + len(data.phi_lsp), len(data.phi_lsp[-1]) + 1)
  endif
enddef

def Run(name: string)
  const where: dict<any> = {uri: Uri(), position: Place()}
  if name ==# 'review'
    Ask('workspace/executeCommand', {command: 'phi-lsp.review', arguments: [where]}, Told)
  else
    Ask('codeAction/resolve', {title: name, data: extendnew(where, {action: name})}, Apply)
  endif
enddef

def Told(answer: dict<any>)
  if has_key(answer, 'error')
    echo answer.error.message
  endif
enddef

def Apply(answer: dict<any>)
  Told(answer)
  if has_key(answer, 'result')
    const changes = ale#code_action#BuildChangesList(ale#code_action#GetChanges(answer.result.edit))
    ale#code_action#HandleCodeAction({description: 'phi-lsp', changes: changes}, {})
  endif
enddef
