;; Takes what it can get without asking anybody: time, stack, memory, table places.
(component
  (core module $m
    (memory 1)
    (table $t 1 funcref)
    (func $spin (export "spin") (loop $l (br $l)))
    (func $recurse (export "recurse") (result i32) (i32.add (call $recurse) (i32.const 1)))
    ;; Recursion by a tree: no stack is exhausted, and no end comes either.
    (func $branch (export "branch") (param i32) (result i32)
      (if (result i32) (local.get 0)
        (then (i32.add (call $branch (i32.sub (local.get 0) (i32.const 1))) (call $branch (i32.sub (local.get 0) (i32.const 1)))))
        (else (i32.const 1))))
    ;; Grows and touches page after page until it gets no more. Answers how many it has.
    (func $grow (export "grow") (result i32)
      (loop $more
        (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1))
          (then
            (i32.store (i32.shl (i32.sub (memory.size) (i32.const 1)) (i32.const 16)) (i32.const -1))
            (br $more))))
      (memory.size))
    ;; The same, and cannot live with a refusal.
    (func (export "grow-or-trap") (drop (call $grow)) unreachable)
    (func (export "grow-by") (param i32) (result i32) (memory.grow (local.get 0)))
    (func $fill-table (export "fill-table") (result i32)
      (loop $more
        (br_if $more (i32.ne (table.grow $t (ref.func $spin) (i32.const 10000)) (i32.const -1))))
      (table.size $t))
    (func (export "fill-table-or-trap") (drop (call $fill-table)) unreachable)
    (func (export "grow-table-by") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0)))
    ;; Each of these is one instruction that takes long.
    (func (export "fill-memory") (drop (call $grow))
      (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.shl (i32.sub (memory.size) (i32.const 1)) (i32.const 16))) (br $l)))
    (func (export "behave") (result i32) (i32.const 7)))
  (core instance $i (instantiate $m))
  (func (export "spin") (canon lift (core func $i "spin")))
  (func (export "recurse") (result u32) (canon lift (core func $i "recurse")))
  (func (export "branch") (param "depth" u32) (result u32) (canon lift (core func $i "branch")))
  (func (export "grow") (result u32) (canon lift (core func $i "grow")))
  (func (export "grow-or-trap") (canon lift (core func $i "grow-or-trap")))
  (func (export "grow-by") (param "pages" u32) (result u32) (canon lift (core func $i "grow-by")))
  (func (export "fill-table") (result u32) (canon lift (core func $i "fill-table")))
  (func (export "fill-table-or-trap") (canon lift (core func $i "fill-table-or-trap")))
  (func (export "grow-table-by") (param "places" u32) (result u32) (canon lift (core func $i "grow-table-by")))
  (func (export "fill-memory") (canon lift (core func $i "fill-memory")))
  (func (export "behave") (result u32) (canon lift (core func $i "behave"))))
