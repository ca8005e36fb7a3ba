;; Traps in its start function: it never comes to be.
(component
  (core module $m
    (func $start unreachable)
    (start $start)
    (func (export "behave") (result i32) (i32.const 7)))
  (core instance $i (instantiate $m))
  (func (export "behave") (result u32) (canon lift (core func $i "behave"))))
