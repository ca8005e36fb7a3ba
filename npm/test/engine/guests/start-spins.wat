;; Its start function never ends.
(component
  (core module $m
    (func $start (loop $l (br $l)))
    (start $start)
    (func (export "behave") (result i32) (i32.const 7)))
  (core instance $i (instantiate $m))
  (func (export "behave") (result u32) (canon lift (core func $i "behave"))))
