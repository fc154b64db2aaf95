"""One row per language: everything the project knows of it, with its tree-sitter queries in ``<name>.scm``."""
