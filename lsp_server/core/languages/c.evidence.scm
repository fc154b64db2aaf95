; What the rules of `core/evidence` look at in C; C++ adds to it.

(function_definition) @function
(compound_statement) @block
(return_statement) @return
(break_statement) @break
(continue_statement) @continue
(goto_statement) @goto
[(return_statement) (break_statement) (continue_statement) (goto_statement)] @leaves
[(preproc_if) (preproc_ifdef) (preproc_call) (preproc_def) (preproc_function_def)] @preprocessor

; How names are used; whatever is not captured otherwise is read.
(identifier) @name

(parameter_declaration declarator: (identifier) @parameter)
(parameter_declaration declarator: (pointer_declarator declarator: (identifier) @parameter))
(parameter_declaration declarator: (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @parameter)))
(parameter_declaration declarator: (array_declarator declarator: (identifier) @parameter))
(function_declarator declarator: (identifier) @unpacks)

(declaration declarator: (identifier) @declares)
(declaration declarator: (pointer_declarator declarator: (identifier) @declares))
(declaration declarator: (array_declarator declarator: (identifier) @declares))
(init_declarator declarator: (identifier) @binds @local)
(init_declarator declarator: (pointer_declarator declarator: (identifier) @binds @local))
(init_declarator declarator: (array_declarator declarator: (identifier) @unpacks))
(expression_statement (assignment_expression left: (identifier) @binds operator: "="))
(expression_statement
  (assignment_expression left: (identifier) @updates
    operator: ["+=" "-=" "*=" "/=" "%=" "<<=" ">>=" "&=" "|=" "^="]))
(for_statement update: (assignment_expression left: (identifier) @updates))
(for_statement update: (update_expression argument: (identifier) @updates))
(for_statement update: (comma_expression (update_expression argument: (identifier) @updates)))
(expression_statement (update_expression argument: (identifier) @updates))
(expression_statement (assignment_expression left: (subscript_expression argument: (identifier) @stores)))
(expression_statement (update_expression argument: (subscript_expression argument: (identifier) @stores)))

; Conditions: what decides where control goes.
(if_statement condition: (_) @condition)
(while_statement condition: (_) @condition)
(do_statement condition: (_) @condition)
(for_statement condition: (_) @condition)
(conditional_expression condition: (_) @condition)
(if_statement) @branch
(conditional_expression) @ternary
(while_statement) @while
(for_statement) @for
[(for_statement) (while_statement)] @loop
(do_statement) @do

((binary_expression operator: _ @_operator) @comparison (#any-of? @_operator "==" "!=" "<" ">" "<=" ">="))
((binary_expression operator: _ @_operator) @boolean (#any-of? @_operator "&&" "||" "and" "or"))
((binary_expression operator: _ @_operator) @bitwise (#any-of? @_operator "&" "|" "^"))
(binary_expression) @arithmetic
(expression_statement . (binary_expression operator: "==") @unused.comparison .)
(assignment_expression) @assignment
(init_declarator value: (_)) @initialised
(declaration) @declaration
(call_expression) @call
(call_expression function: (identifier) @called)
(expression_statement . (call_expression) @call.statement .)
(subscript_expression) @subscript
(parameter_declaration) @parameter.declaration
(parameter_list) @parameters
(type_identifier) @type
(struct_specifier name: (type_identifier) @struct.used)
(if_statement consequence: (expression_statement . ";" .) @empty)
(while_statement body: (expression_statement . ";" .) @empty)
(for_statement body: (expression_statement . ";" .) @empty)

; What a file declares, for names that nothing declares.
(struct_specifier name: (type_identifier) @declared.type body: (_)) @struct
(union_specifier name: (type_identifier) @declared.type body: (_)) @struct
(enum_specifier name: (type_identifier) @declared.type body: (_))
(type_definition declarator: (type_identifier) @declared.type)
(type_definition declarator: (_ (type_identifier) @declared.type))
(type_definition type: (struct_specifier body: (_)) @struct declarator: (type_identifier))
(preproc_def name: (identifier) @declared.type)
(preproc_include) @include
(field_identifier) @declared.name
(enumerator name: (identifier) @declared.name)
(_ declarator: (identifier) @declared.name)
(parenthesized_declarator (identifier) @declared.name)
(preproc_def name: (identifier) @declared.name)
(preproc_function_def name: (identifier) @declared.name)
(preproc_params (identifier) @declared.name)
(statement_identifier) @declared.name
