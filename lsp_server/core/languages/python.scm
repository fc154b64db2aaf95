; Functions and classes. A signature ends at the colon.
(function_definition
  name: (identifier) @function.name
  ":" @function.colon
  body: (_) @function.body) @function

(class_definition
  name: (identifier) @scope.name @type.name
  body: (_) @scope.body) @scope @type

(decorated_definition (function_definition)) @function
(decorated_definition (class_definition)) @type

(import_statement) @import
(import_from_statement) @import

; Fields: `x: int` and `x = 1` of a class, `self.x = …` of its constructor.
(class_definition
  body: (block (expression_statement (assignment)) @field))
(function_definition
  name: (identifier) @_constructor
  body: (block
    (expression_statement
      (assignment
        left: (attribute
          object: (identifier) @_self))) @field)
  (#eq? @_constructor "__init__")
  (#eq? @_self "self"))
