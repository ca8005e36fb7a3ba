;; Two guests with a memory each: the outer one calls the inner one with a string, and that waits for its import.
(component
  (import "test:engine/host" (instance $host
    (export "wait" (func (param "n" u32) (result u32)))))
  (component $inner
    (import "wait" (func $wait (param "n" u32) (result u32)))
    (core func $wait (canon lower (func $wait)))
    (core module $m
      (import "host" "wait" (func $wait (param i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
      (func (export "wait-for-bytes") (param i32 i32) (result i32)
        (call $wait (i32.load8_u (i32.add (local.get 0) (i32.sub (local.get 1) (i32.const 1)))))))
    (core instance $i (instantiate $m (with "host" (instance (export "wait" (func $wait))))))
    (alias core export $i "memory" (core memory $memory))
    (alias core export $i "realloc" (core func $realloc))
    (func (export "wait-for-bytes") (param "s" string) (result u32)
      (canon lift (core func $i "wait-for-bytes") (memory $memory) (realloc $realloc))))
  (instance $inner (instantiate $inner (with "wait" (func $host "wait"))))
  (component $outer
    (import "wait-for-bytes" (func $wait (param "s" string) (result u32)))
    (core module $libc (memory (export "memory") 1) (data (i32.const 16) "abc"))
    (core instance $libc (instantiate $libc))
    (alias core export $libc "memory" (core memory $memory))
    (core func $wait (canon lower (func $wait) (memory $memory)))
    (core module $m
      (import "inner" "wait" (func $wait (param i32 i32) (result i32)))
      (func (export "run") (result i32) (call $wait (i32.const 16) (i32.const 3))))
    (core instance $i (instantiate $m (with "inner" (instance (export "wait" (func $wait))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))
  (instance $outer (instantiate $outer (with "wait-for-bytes" (func $inner "wait-for-bytes"))))
  (export "run" (func $outer "run")))
