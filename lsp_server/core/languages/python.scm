; Functions and what they are made of. The spans are those of the whole node.
(function_definition
  name: (identifier) @function.name
  ":" @function.colon
  body: (_) @function.body) @function

(class_definition
  name: (identifier) @scope.name
  body: (_) @scope.body) @scope

; What a completion may need to have declared.
(import_statement) @import
(import_from_statement) @import
(future_import_statement) @import

; The members of a class: `x: int`, `x = 1`, and `self.x = …` in its methods.
(class_definition
  body: (block (expression_statement [(assignment) (type)]) @field))
(function_definition
  body: (block
    (expression_statement
      (assignment
        left: (attribute
          object: (identifier) @_self
          (#eq? @_self "self")))) @field))
