;; Grows its memory when and as a test wants: within `realloc`, so that views the host holds become stale.
(component
  (import "test:engine/host" (instance $host
    (export "echo" (func (param "s" string) (result string)))))
  (core module $libc
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 1024))
    ;; A bump allocator that starts every block on a new page.
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $free) (i32.const 0xffff)) (i32.const -0x10000)))
      (global.set $free (i32.add (local.get $at) (local.get 3)))
      (block $fits (loop $grow
        (br_if $fits (i32.le_u (global.get $free) (i32.mul (memory.size) (i32.const 0x10000))))
        (br_if $grow (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $echo (canon lower (func $host "echo") (memory $memory) (realloc $realloc)))
  (core module $m
    (import "libc" "memory" (memory 1))
    (import "host" "echo" (func $echo (param i32 i32 i32)))
    (func (export "echo") (param i32 i32) (result i32)
      (i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1)) (i32.const 0))
    (func (export "relay") (param i32 i32) (result i32)
      (call $echo (local.get 0) (local.get 1) (i32.const 8)) (i32.const 8))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
  (core instance $i (instantiate $m
    (with "libc" (instance $libc)) (with "host" (instance (export "echo" (func $echo))))))
  (func (export "echo") (param "s" string) (result string)
    (canon lift (core func $i "echo") (memory $memory) (realloc $realloc)))
  (func (export "relay") (param "s" string) (result string)
    (canon lift (core func $i "relay") (memory $memory) (realloc $realloc)))
  (func (export "grow") (param "pages" u32) (result u32) (canon lift (core func $i "grow"))))
