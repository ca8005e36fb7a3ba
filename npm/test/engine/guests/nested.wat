;; A resource whose destructor makes and drops another, `n` times within each other.
(component
  (core module $destructor
    (table (export "table") 1 funcref)
    (type $run (func (param i32)))
    (func (export "destructor") (param i32)
      (if (local.get 0)
        (then (call_indirect (type $run) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))))))
  (core instance $destructor (instantiate $destructor))
  (alias core export $destructor "destructor" (core func $run))
  (type $r (resource (rep i32) (dtor (core func $run))))
  (core func $new (canon resource.new $r))
  (core func $drop (canon resource.drop $r))
  (core module $m
    (import "destructor" "table" (table 1 funcref))
    (import "own" "new" (func $new (param i32) (result i32)))
    (import "own" "drop" (func $drop (param i32)))
    (elem (i32.const 0) func $nest)
    (func $nest (export "nest") (param i32) (call $drop (call $new (local.get 0)))))
  (core instance $i (instantiate $m
    (with "destructor" (instance $destructor))
    (with "own" (instance (export "new" (func $new)) (export "drop" (func $drop))))))
  (func (export "nest") (param "n" u32) (canon lift (core func $i "nest"))))
