;; Grows while it starts. `grow` grows by so many pages, `size` tells how many there are, `wait` waits for its import.
(component
  (import "test:engine/host" (instance $host
    (export "wait" (func (param "n" u32) (result u32)))))
  (core func $wait (canon lower (func $host "wait")))
  (core module $m
    (import "host" "wait" (func $wait (param i32) (result i32)))
    (memory 1)
    (func $start (drop (memory.grow (i32.const 10))))
    (start $start)
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "size") (result i32) (memory.size))
    (func (export "wait") (result i32) (call $wait (i32.const 0))))
  (core instance $i (instantiate $m (with "host" (instance (export "wait" (func $wait))))))
  (func (export "grow") (param "n" u32) (result s32) (canon lift (core func $i "grow")))
  (func (export "size") (result u32) (canon lift (core func $i "size")))
  (func (export "wait") (result u32) (canon lift (core func $i "wait"))))
