;; SPDX-License-Identifier: GPL-2.0-or-later
;; Continuations, prompts, exceptions, deep recursion, and the collector.

(define (deep n)
  (if (= n 0) 0 (+ 1 (deep (- n 1)))))

(define (generate list)
  (define return #f)
  (define (next)
    (call/cc
     (lambda (r)
       (set! return r)
       (for-each (lambda (x)
                   (call/cc (lambda (resume)
                              (set! next (lambda () (resume #f)))
                              (return (+ x (deep x))))))
                 list)
       (return 'end))))
  (lambda () (call/cc (lambda (r) (set! return r) (next)))))

(define one (generate '(1 20 300 4000)))
(let loop ((x (one)))
  (display x) (newline)
  (if (not (eq? x 'end)) (loop (one))))

(define tag (make-prompt-tag))
(define (yielding n)
  (call-with-prompt tag
    (lambda ()
      (let loop ((i 0))
        (if (< i n)
            (begin (abort-to-prompt tag i) (loop (+ i 1)))
            'done)))
    (let handler ((unused #f))
      (lambda (k i)
        (if (= 0 (modulo i 50)) (gc))
        (call-with-prompt tag k (handler #f))))))
(display (yielding 200)) (newline)
(display (catch 'out
           (lambda () (deep 1000) (throw 'out 7))
           (lambda (key x) (list key x))))
(newline)
(display (map (lambda (n)
                (with-exception-handler (lambda (e) n)
                  (lambda () (+ 1 (raise-exception 'x #:continuable? #t)))))
              '(1 2 3)))
(newline)
