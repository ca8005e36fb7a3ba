;; A function that takes a stream, of the component model 0.3.
(component
  (core module $m (func (export "f") (param i32)))
  (core instance $i (instantiate $m))
  (func (export "f") (param "v" (stream u8)) (canon lift (core func $i "f"))))
