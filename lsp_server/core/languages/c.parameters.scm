; The declarators of a signature's parameters; the first word in each is its name.
(parameter_declaration declarator: (_) @parameter)
