-- The runtime is Neovim's: LuaJIT, with `vim` as the one global.
std = 'luajit'
globals = { 'vim' }
max_line_length = 120
max_cyclomatic_complexity = 10
