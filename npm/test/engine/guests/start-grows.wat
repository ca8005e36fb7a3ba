;; Its start function takes all the memory there is, and cannot live with less.
(component
  (core module $m
    (memory 1)
    (func $start
      (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
      unreachable)
    (start $start)
    (func (export "behave") (result i32) (i32.const 7)))
  (core instance $i (instantiate $m))
  (func (export "behave") (result u32) (canon lift (core func $i "behave"))))
