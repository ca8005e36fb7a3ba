;; Waits; given up meanwhile, it catches that and takes what memory there is.
(component
  (import "test:engine/host" (instance $host
    (export "wait" (func (param "n" u32) (result u32)))))
  (core func $wait (canon lower (func $host "wait")))
  (core module $m
    (import "host" "wait" (func $wait (param i32) (result i32)))
    (memory 1)
    (func (export "wait") (result i32)
      (block $caught
        (try_table (catch_all $caught) (return (call $wait (i32.const 0)))))
      (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
      (i32.const 0)))
  (core instance $i (instantiate $m (with "host" (instance (export "wait" (func $wait))))))
  (func (export "wait") (result u32) (canon lift (core func $i "wait"))))
