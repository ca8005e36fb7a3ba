;; Waits twice for its import. `count` tells how many calls the instance has served.
(component
  (import "test:engine/host" (instance $host
    (export "wait" (func (param "n" u32) (result u32)))))
  (core func $wait (canon lower (func $host "wait")))
  (core module $m
    (import "host" "wait" (func $wait (param i32) (result i32)))
    (global $calls (mut i32) (i32.const 0))
    (func (export "wait-twice") (param i32) (result i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (i32.add (call $wait (local.get 0)) (call $wait (local.get 0))))
    (func (export "count") (result i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (global.get $calls)))
  (core instance $i (instantiate $m (with "host" (instance (export "wait" (func $wait))))))
  (func (export "wait-twice") (param "n" u32) (result u32) (canon lift (core func $i "wait-twice")))
  (func (export "count") (result u32) (canon lift (core func $i "count"))))
