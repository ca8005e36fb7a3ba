;; Passes strings, which the engine carries: to the host, from the host, and to another guest.
(component
  (import "test:engine/host" (instance $host
    (export "take" (func (param "s" string)))
    (export "give" (func (result string)))))
  (component $inner
    (core module $m
      (memory (export "memory") 16)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
      (func (export "take") (param i32 i32)))
    (core instance $i (instantiate $m))
    (alias core export $i "memory" (core memory $memory))
    (alias core export $i "realloc" (core func $realloc))
    (func (export "take") (param "s" string)
      (canon lift (core func $i "take") (memory $memory) (realloc $realloc))))
  (instance $inner (instantiate $inner))
  (component $outer
    (import "take" (func $take (param "s" string)))
    (import "give" (func $give (result string)))
    (import "pass" (func $pass (param "s" string)))
    (core module $libc
      (memory (export "memory") 16)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16)))
    (core instance $libc (instantiate $libc))
    (alias core export $libc "memory" (core memory $memory))
    (alias core export $libc "realloc" (core func $realloc))
    (core func $take (canon lower (func $take) (memory $memory)))
    (core func $give (canon lower (func $give) (memory $memory) (realloc $realloc)))
    (core func $pass (canon lower (func $pass) (memory $memory)))
    (core module $m
      (import "host" "take" (func $take (param i32 i32)))
      (import "host" "give" (func $give (param i32)))
      (import "host" "pass" (func $pass (param i32 i32)))
      (func (export "take") (param i32) (call $take (i32.const 16) (local.get 0)))
      (func (export "give") (param i32) (call $give (i32.const 0)))
      (func (export "pass") (param i32) (call $pass (i32.const 16) (local.get 0))))
    (core instance $i (instantiate $m (with "host" (instance
      (export "take" (func $take)) (export "give" (func $give)) (export "pass" (func $pass))))))
    (func (export "take") (param "length" u32) (canon lift (core func $i "take")))
    (func (export "give") (param "length" u32) (canon lift (core func $i "give")))
    (func (export "pass") (param "length" u32) (canon lift (core func $i "pass"))))
  (instance $outer (instantiate $outer
    (with "take" (func $host "take")) (with "give" (func $host "give")) (with "pass" (func $inner "take"))))
  (export "take" (func $outer "take"))
  (export "give" (func $outer "give"))
  (export "pass" (func $outer "pass")))
