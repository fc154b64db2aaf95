; Which identifiers give a name a meaning somewhere in the file, and which are not names at all.

(identifier) @name

(attribute attribute: (identifier) @elsewhere)
(keyword_argument name: (identifier) @elsewhere)
(keyword_pattern . (identifier) @elsewhere)
; `b` of `import a.b` and of `case a.b`; `a` and `b` of `from a import b` and of `import a as b`.
(dotted_name (identifier) (identifier) @elsewhere)
(import_from_statement (dotted_name (identifier) @elsewhere))
(aliased_import name: (dotted_name (identifier) @elsewhere))
(future_import_statement (dotted_name (identifier) @elsewhere))

(function_definition name: (identifier) @bound)
(class_definition name: (identifier) @bound)
(type_alias_statement left: (type (identifier) @bound))
(type_parameter (type (identifier) @bound))

(parameters (identifier) @bound)
(lambda_parameters (identifier) @bound)
(default_parameter name: (identifier) @bound)
(typed_default_parameter name: (identifier) @bound)
(typed_parameter (identifier) @bound)
(list_splat_pattern (identifier) @bound)
(dictionary_splat_pattern (identifier) @bound)

(assignment left: (identifier) @bound)
(named_expression name: (identifier) @bound)
(for_statement left: (identifier) @bound)
(for_in_clause left: (identifier) @bound)
(pattern_list (identifier) @bound)
(tuple_pattern (identifier) @bound)
(list_pattern (identifier) @bound)
(as_pattern_target (identifier) @bound)
(as_pattern_target (tuple (identifier) @bound))
(global_statement (identifier) @bound)
(nonlocal_statement (identifier) @bound)
(case_pattern (dotted_name . (identifier) @bound .))
(keyword_pattern (dotted_name . (identifier) @bound .))
(splat_pattern (identifier) @bound)
(case_pattern (as_pattern (identifier) @bound))

(import_statement name: (dotted_name . (identifier) @bound))
(import_from_statement name: (dotted_name (identifier) @bound))
(aliased_import alias: (identifier) @bound)

; After `from m import *` nothing is known to be undefined.
(wildcard_import) @everything

; A module is used by its attributes: `math.sqrt`.
(attribute object: (identifier) @object)
