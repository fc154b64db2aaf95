(function_definition body: (_) @function.body) @function
(function_definition (try_statement) @function.body) @function
(function_declarator declarator: [
  (identifier) (field_identifier) (qualified_identifier) (operator_name) (destructor_name) (template_function)
] @function.name)
(operator_cast) @function.name

(lambda_expression body: (_) @lambda.body) @lambda
(init_declarator declarator: (_) @lambda.name value: (lambda_expression))

(class_specifier name: (_) @scope.name body: (_) @scope.body) @scope
(struct_specifier name: (_) @scope.name body: (_) @scope.body) @scope
(union_specifier name: (_) @scope.name body: (_) @scope.body) @scope
(namespace_definition name: (_) @scope.name body: (_) @scope.body) @scope

(preproc_include) @import
(using_declaration) @import

(class_specifier name: (_) @type.name body: (_)) @type
(struct_specifier name: (_) @type.name body: (_)) @type
(union_specifier name: (_) @type.name body: (_)) @type
(enum_specifier name: (_) @type.name body: (_)) @type
(alias_declaration name: (type_identifier) @type.name) @type
(type_definition declarator: (type_identifier) @type.name) @type
(concept_definition name: (identifier) @type.name) @type
(preproc_def name: (identifier) @type.name) @type

(field_declaration) @field
(field_declaration_list (declaration) @field)
