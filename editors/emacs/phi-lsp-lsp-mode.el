;;; phi-lsp-lsp-mode.el --- phi-lsp in Emacs, with lsp-mode  -*- lexical-binding: t -*-

;; Load this file from your init file.

(defvar phi-lsp-settings '(:popupMilliseconds 5000)
  "Every setting of phi-lsp can stand here.
lsp-mode stops waiting as soon as you type, so it may wait for the whole answer.")

(with-eval-after-load 'lsp-mode
  (lsp-register-client
   (make-lsp-client
    :server-id 'phi-lsp
    :new-connection (lsp-stdio-connection "phi-lsp")
    :activation-fn (lsp-activate-on "python" "cpp" "c")
    ;; Beside the other servers of a language, not instead of them.
    :add-on? t
    :initialization-options (lambda () phi-lsp-settings))))

(dolist (hook '(python-mode-hook python-ts-mode-hook
                c-mode-hook c-ts-mode-hook c++-mode-hook c++-ts-mode-hook))
  (add-hook hook #'lsp-deferred))

;; Ghost text comes by itself in lsp-mode 10: TAB accepts it, C-n and C-p show others.
(with-eval-after-load 'lsp-inline-completion
  (setq lsp-inline-completion-idle-delay 0.2)
  (define-key lsp-inline-completion-active-map (kbd "TAB") #'lsp-inline-completion-accept))

;;; phi-lsp-lsp-mode.el ends here
