;; Imports what a link can lead from, what WASI answers, and what nothing will ever serve.
(component
  (import "acme:shop/cart@1.0.0" (instance (export "add" (func))))
  (import "wasi:clocks/monotonic-clock@0.2.3" (instance (export "now" (func (result u64)))))
  (import "wasi:clocks/sundial@0.2.3" (instance $sundial (export "read" (func))))
  (import "alone" (func $alone))
  (core module $M (import "" "alone" (func)) (import "" "read" (func)))
  (core func $alone' (canon lower (func $alone)))
  (core func $read' (canon lower (func $sundial "read")))
  (core instance (instantiate $M (with "" (instance (export "alone" (func $alone')) (export "read" (func $read')))))))
