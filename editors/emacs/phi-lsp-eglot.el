;;; phi-lsp-eglot.el --- phi-lsp in Emacs 29 and later, with eglot  -*- lexical-binding: t -*-

;; Load this file from your init file.

(defvar phi-lsp-settings '(:popupMilliseconds 5000)
  "Every setting of phi-lsp can stand here.
Eglot stops waiting as soon as you type, so it may wait for the whole answer.")

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               `((python-mode python-ts-mode c-mode c-ts-mode c++-mode c++-ts-mode)
                 . ("phi-lsp" :initializationOptions ,phi-lsp-settings))))

(dolist (hook '(python-mode-hook python-ts-mode-hook
                c-mode-hook c-ts-mode-hook c++-mode-hook c++-ts-mode-hook))
  (add-hook hook #'eglot-ensure))

;;; phi-lsp-eglot.el ends here
