; What the rules of `core/evidence` look at in Python.

(function_definition) @function
(class_definition) @class
(lambda) @lambda
(block) @block
[(return_statement) (raise_statement) (break_statement) (continue_statement)] @leaves
(return_statement) @return
(raise_statement) @raise
(break_statement) @break
(continue_statement) @continue
(yield) @yield
(await) @await

; How names are used; whatever is not captured otherwise is read.
(identifier) @name
(attribute attribute: (identifier) @elsewhere)
(keyword_argument name: (identifier) @elsewhere)
(keyword_pattern . (identifier) @elsewhere)
(dotted_name (identifier) (identifier) @elsewhere)
(import_from_statement module_name: (_ (identifier) @elsewhere))
(import_from_statement module_name: (relative_import (dotted_name (identifier) @elsewhere)))
(aliased_import name: (dotted_name (identifier) @elsewhere))
(future_import_statement (dotted_name (identifier) @elsewhere))

(parameters (identifier) @parameter)
(parameters (default_parameter name: (identifier) @parameter))
(parameters (typed_default_parameter name: (identifier) @parameter))
(parameters (typed_parameter . (identifier) @parameter))
(parameters (_ [(list_splat_pattern) (dictionary_splat_pattern)] @_splat . (identifier)? @parameter))
(list_splat_pattern (identifier) @parameter)
(dictionary_splat_pattern (identifier) @parameter)
(lambda_parameters (_) @parameter)

(assignment left: (identifier) @binds right: (_))
(assignment left: (identifier) @declares !right)
(augmented_assignment left: (identifier) @updates)
(pattern_list (identifier) @unpacks)
(tuple_pattern (identifier) @unpacks)
(list_pattern (identifier) @unpacks)
(for_statement left: (identifier) @unpacks)
(for_in_clause left: (identifier) @unpacks)
(as_pattern_target (identifier) @unpacks)
(named_expression name: (identifier) @unpacks)
(function_definition name: (identifier) @unpacks)
(class_definition name: (identifier) @unpacks)
(import_statement (dotted_name (identifier) @unpacks))
(import_from_statement name: (dotted_name (identifier) @unpacks))
(aliased_import alias: (identifier) @unpacks)
(case_pattern (dotted_name (identifier) @unpacks))
(global_statement (identifier) @shared)
(nonlocal_statement (identifier) @shared)
(expression_statement (assignment left: (subscript value: (identifier) @stores)))
(expression_statement (augmented_assignment left: (subscript value: (identifier) @stores)))
(delete_statement (subscript value: (identifier) @stores))
(delete_statement (expression_list (subscript value: (identifier) @stores)))
(delete_statement (identifier) @unpacks)
(expression_statement
  (call function: (attribute object: (identifier) @fills attribute: (identifier) @_method))
  (#any-of? @_method "append" "appendleft" "add" "extend" "extendleft" "insert" "update" "setdefault"))

; Conditions: what decides where control goes.
(if_statement condition: (_) @condition)
(elif_clause condition: (_) @condition)
(while_statement condition: (_) @condition)
(conditional_expression . (_) . (_) @condition)
(assert_statement . (_) @condition)
(if_clause (_) @condition)
(if_statement) @branch
(conditional_expression) @ternary
(while_statement) @while
(for_statement) @for
[(for_statement) (while_statement)] @loop
(list_comprehension) @comprehension
(set_comprehension) @comprehension
(dictionary_comprehension) @comprehension
(generator_expression) @comprehension

(comparison_operator) @comparison
(boolean_operator) @boolean
(binary_operator) @arithmetic
(expression_statement . (comparison_operator) @unused.comparison .)
(assignment) @assignment
(augmented_assignment) @augmented
(call) @call
(call function: (identifier) @called)
(expression_statement . (call) @call.statement .)
(subscript) @subscript
(with_statement) @with
(try_statement) @try
(raise_statement (identifier) @raised)
(default_parameter) @default
(typed_default_parameter) @default

(except_clause value: (boolean_operator) @caught)

; Members of a class: what is looked up on `self`, what is set on it, what the class defines.
((attribute object: (identifier) @_self attribute: (identifier) @member) (#eq? @_self "self"))
(assignment left: (attribute attribute: (identifier) @member.set))
(augmented_assignment left: (attribute attribute: (identifier) @member.set))
(pattern_list (attribute attribute: (identifier) @member.set))
(tuple_pattern (attribute attribute: (identifier) @member.set))
(for_statement left: (attribute attribute: (identifier) @member.set))
(as_pattern_target (attribute attribute: (identifier) @member.set))
(class_definition body: (block (function_definition name: (identifier) @member.defined)))
(class_definition body: (block (decorated_definition definition: (_ name: (identifier) @member.defined))))
(class_definition body: (block (class_definition name: (identifier) @member.defined)))
(class_definition body: (_ (identifier) @member.defined))
(class_definition body: (block (expression_statement (assignment left: (identifier) @member.defined))))
(class_definition body: (block (expression_statement (assignment left: (pattern_list (identifier) @member.defined)))))
(class_definition body: (block (expression_statement (assignment right: (assignment left: (identifier) @member.defined)))))
