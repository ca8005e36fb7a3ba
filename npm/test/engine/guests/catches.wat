;; Catches whatever its import throws, and goes on as if nothing had been.
(component
  (import "test:engine/host" (instance $host
    (export "ping" (func (param "n" u32) (result u32)))))
  (core func $ping (canon lower (func $host "ping")))
  (core module $m
    (import "host" "ping" (func $ping (param i32) (result i32)))
    (global $calls (mut i32) (i32.const 0))
    (func (export "ping") (param i32) (result i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (block $caught
        (try_table (catch_all $caught) (return (call $ping (local.get 0)))))
      (call $ping (i32.const 1)))
    (func (export "count") (result i32) (global.get $calls)))
  (core instance $i (instantiate $m (with "host" (instance (export "ping" (func $ping))))))
  (func (export "count") (result u32) (canon lift (core func $i "count")))
  (func (export "ping") (param "n" u32) (result u32) (canon lift (core func $i "ping"))))
