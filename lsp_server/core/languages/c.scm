(function_definition body: (_) @function.body) @function
(function_declarator declarator: [(identifier) (field_identifier)] @function.name)

(struct_specifier name: (_) @scope.name body: (_) @scope.body) @scope
(union_specifier name: (_) @scope.name body: (_) @scope.body) @scope

(preproc_include) @import

(struct_specifier name: (_) @type.name body: (_)) @type
(union_specifier name: (_) @type.name body: (_)) @type
(enum_specifier name: (_) @type.name body: (_)) @type
(type_definition declarator: (type_identifier) @type.name) @type
(type_definition declarator: (_ (type_identifier) @type.name)) @type
(type_definition declarator: (function_declarator (parenthesized_declarator (_ (type_identifier) @type.name)))) @type
(preproc_def name: (identifier) @type.name) @type

(field_declaration) @field
