;; Answers every message with its own body, on the subject that it names for replies.
(component
  (import "wasmcloud:messaging/types@0.2.0" (instance $types
    (type $broker-message (record (field "subject" string) (field "body" (list u8)) (field "reply-to" (option string))))
    (export "broker-message" (type $message (eq $broker-message)))))
  (alias export $types "broker-message" (type $message))
  (import "wasmcloud:messaging/consumer@0.2.0" (instance $consumer
    (export "broker-message" (type $msg (eq $message)))
    (export "publish" (func (param "msg" $msg) (result (result (error string)))))))
  (core module $libc
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local.set 0 (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.set $top (i32.add (local.get 0) (local.get 3)))
      (local.get 0)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $publish (canon lower (func $consumer "publish") (memory $memory) (realloc $realloc)))
  (core module $m
    (import "host" "publish" (func $publish (param i32 i32 i32 i32 i32 i32 i32 i32)))
    (func (export "handle-message")
      (param $subject i32) (param i32) (param $body i32) (param $length i32) (param $replies i32) (param $to i32) (param $to-length i32)
      (result i32)
      (if (i32.eqz (local.get $replies)) (then (return (i32.const 16))))
      (call $publish (local.get $to) (local.get $to-length) (local.get $body) (local.get $length)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (i32.const 0)))
  (core instance $i (instantiate $m (with "host" (instance (export "publish" (func $publish))))))
  (func $handle (param "msg" $message) (result (result (error string)))
    (canon lift (core func $i "handle-message") (memory $memory) (realloc $realloc)))
  (instance $handler (export "handle-message" (func $handle)))
  (export "wasmcloud:messaging/handler@0.2.0" (instance $handler)))
