;; Has 25 pages of memory.
(component
  (core module $m
    (memory 25)
    (func (export "size") (result i32) (memory.size)))
  (core instance $i (instantiate $m))
  (func (export "size") (result u32) (canon lift (core func $i "size"))))
