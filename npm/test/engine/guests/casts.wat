;; Takes a hundred turns of so many iterations. Each leaves its function by a cast.
(component
  (core module $m
    (func $turn (param i32) (result funcref)
      (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (br_on_cast 0 funcref (ref func) (ref.func $turn))
      (unreachable))
    (elem declare func $turn)
    (func (export "spin") (param $count i32) (result i32)
      (local $left i32)
      (local.set $left (i32.const 100))
      (loop $l
        (drop (call $turn (local.get $count)))
        (br_if $l (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (i32.const 0)))
  (core instance $i (instantiate $m))
  (func (export "spin") (param "count" u32) (result u32) (canon lift (core func $i "spin"))))
