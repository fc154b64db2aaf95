; inherits: c
; What C++ adds to what the rules of `core/evidence` look at in C.

(lambda_expression) @lambda
(throw_statement) @raise
(throw_statement) @leaves
(co_return_statement) @leaves
(co_yield_statement) @yield
(try_statement) @try
(for_range_loop) @range.loop @loop

(parameter_declaration declarator: (reference_declarator (identifier) @parameter))
(optional_parameter_declaration declarator: (identifier) @parameter)
(declaration declarator: (reference_declarator (identifier) @unpacks))
(init_declarator declarator: (reference_declarator (identifier) @unpacks))
(init_declarator declarator: (structured_binding_declarator (identifier) @unpacks))
(for_range_loop declarator: (identifier) @unpacks)
(for_range_loop declarator: (reference_declarator (identifier) @unpacks))
(for_range_loop declarator: (structured_binding_declarator (identifier) @unpacks))
(qualified_identifier name: (identifier) @elsewhere)
(template_function name: (identifier) @elsewhere)
(expression_statement
  (assignment_expression left: (subscript_expression argument: (identifier) @stores)))
(expression_statement
  (call_expression function: (field_expression argument: (identifier) @fills field: (field_identifier) @_method))
  (#any-of? @_method "push_back" "emplace_back" "push_front" "emplace_front" "insert" "emplace" "push" "append" "clear"
    "pop_back" "erase" "reserve" "resize"))

(class_specifier name: (type_identifier) @declared.type body: (_)) @struct
(class_specifier name: (type_identifier) @declared.type)
(struct_specifier name: (type_identifier) @declared.type !body)
(alias_declaration name: (type_identifier) @declared.type)
(type_parameter_declaration (type_identifier) @declared.type)
(optional_type_parameter_declaration name: (type_identifier) @declared.type)
(variadic_type_parameter_declaration (type_identifier) @declared.type)
(template_template_parameter_declaration (_ (type_identifier) @declared.type))
(concept_definition name: (identifier) @declared.type)
(qualified_identifier name: (type_identifier) @declared.type)
(using_declaration (_) @include)
(lambda_capture_specifier (identifier) @declared.name)
(variadic_declarator (identifier) @declared.name)
(reference_declarator (identifier) @declared.name)
(lambda_capture_initializer left: (identifier) @declared.name)
(optional_parameter_declaration declarator: (_) @declared.name)
(structured_binding_declarator (identifier) @declared.name)
(namespace_identifier) @declared.name
(delete_expression) @deleted
