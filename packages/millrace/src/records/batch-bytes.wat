;; The two inner loops of the records room: lines to records, and records under other numbers. `batch-bytes.ts` calls
;; them and tells what they are; `npm run generate:wasm` assembles them.
;;
;; The memory has a fixed size and three parts, so that nothing is checked in the loops:
;;   input   64 …              1 MiB, and 64 bytes that a 16-byte load may reach behind it
;;   output  0x100080 …        2 MiB: a record is at most 12 bytes longer than its line, 65,536 records to a call
;;   index   0x300100 …        where each record starts in the output, u32
;; and at 0: where a call ended, i32 each: input, output, whether any timestamp delta is other than 0.
(module
  (memory (export "memory") 53 53)

  ;; Bytes of an int32 as a zigzag varint.
  (func $varintBytes (param $value i32) (result i32)
    (i32.div_u
      (i32.sub
        (i32.const 38)
        (i32.clz (i32.or
          (i32.xor
            (i32.shl (local.get $value) (i32.const 1))
            (i32.shr_s (local.get $value) (i32.const 31)))
          (i32.const 1))))
      (i32.const 7)))

  ;; Writes a zigzag varint; returns the place after it.
  (func $writeVarint (param $at i32) (param $value i32) (result i32)
    (local $rest i32)
    (local.set $rest
      (i32.xor
        (i32.shl (local.get $value) (i32.const 1))
        (i32.shr_s (local.get $value) (i32.const 31))))
    (loop $more
      (if (i32.ge_u (local.get $rest) (i32.const 128))
        (then
          (i32.store8 (local.get $at) (i32.or (local.get $rest) (i32.const 128)))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (local.set $rest (i32.shr_u (local.get $rest) (i32.const 7)))
          (br $more))))
    (i32.store8 (local.get $at) (local.get $rest))
    (i32.add (local.get $at) (i32.const 1)))

  ;; Copies in steps of 16 bytes; up to 15 more are read and written.
  (func $copy (param $from i32) (param $to i32) (param $bytes i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $to) (local.get $bytes)))
    (loop $more
      (if (i32.lt_u (local.get $to) (local.get $end))
        (then
          (v128.store (local.get $to) (v128.load (local.get $from)))
          (local.set $from (i32.add (local.get $from) (i32.const 16)))
          (local.set $to (i32.add (local.get $to) (i32.const 16)))
          (br $more)))))

  ;; The whole lines of the input from `at` to `end` as records numbered from `count`, until there are `most`; returns
  ;; how many there are then. `strip`: one \r before the \n is left out.
  (func (export "encodeLines")
    (param $at i32) (param $end i32) (param $most i32) (param $strip i32) (param $count i32) (param $out i32)
    (result i32)
    (local $p i32) (local $mask i32) (local $stop i32) (local $bytes i32)
    (block $done
      (loop $line
        (br_if $done (i32.ge_u (local.get $count) (local.get $most)))
        (local.set $p (local.get $at))
        (block $found
          (loop $find
            (br_if $done (i32.ge_u (local.get $p) (local.get $end)))
            (local.set $mask
              (i8x16.bitmask (i8x16.eq
                (v128.load (local.get $p))
                (v128.const i8x16 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10))))
            (br_if $found (local.get $mask))
            (local.set $p (i32.add (local.get $p) (i32.const 16)))
            (br $find)))
        (local.set $p (i32.add (local.get $p) (i32.ctz (local.get $mask))))
        (br_if $done (i32.ge_u (local.get $p) (local.get $end)))
        (local.set $stop (local.get $p))
        (if (i32.and (local.get $strip) (i32.gt_u (local.get $p) (local.get $at)))
          (then
            (if (i32.eq (i32.load8_u (i32.sub (local.get $p) (i32.const 1))) (i32.const 13))
              (then (local.set $stop (i32.sub (local.get $p) (i32.const 1)))))))
        (local.set $bytes (i32.sub (local.get $stop) (local.get $at)))
        (i32.store
          (i32.add (i32.const 0x300100) (i32.shl (local.get $count) (i32.const 2)))
          (i32.sub (local.get $out) (i32.const 0x100080)))
        ;; length · attributes 0 · timestamp delta 0 · offset delta · key length -1 · value length · value · 0 headers
        (local.set $out
          (call $writeVarint (local.get $out)
            (i32.add
              (i32.add (i32.const 4) (local.get $bytes))
              (i32.add
                (call $varintBytes (local.get $count))
                (call $varintBytes (local.get $bytes))))))
        (i32.store16 (local.get $out) (i32.const 0))
        (local.set $out
          (call $writeVarint (i32.add (local.get $out) (i32.const 2)) (local.get $count)))
        (i32.store8 (local.get $out) (i32.const 1))
        (local.set $out
          (call $writeVarint (i32.add (local.get $out) (i32.const 1)) (local.get $bytes)))
        (call $copy (local.get $at) (local.get $out) (local.get $bytes))
        (local.set $out (i32.add (local.get $out) (local.get $bytes)))
        (i32.store8 (local.get $out) (i32.const 0))
        (local.set $out (i32.add (local.get $out) (i32.const 1)))
        (local.set $at (i32.add (local.get $p) (i32.const 1)))
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (br $line)))
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $out))
    (local.get $count))

  ;; The records of the input from `at` to `end`, numbered from `delta` on, to the start of the output; returns how many
  ;; there are. All else stays as it is but the attributes, which are 0. Damaged records end it early: the place in the
  ;; input is not `end` then.
  (func (export "renumber")
    (param $at i32) (param $end i32) (param $delta i32) (param $most i32)
    (result i32)
    (local $out i32) (local $count i32) (local $p i32) (local $byte i32) (local $shift i32) (local $raw i32)
    (local $recordEnd i32) (local $timeAt i32) (local $timeBytes i32) (local $anyTime i32) (local $tailBytes i32)
    (local.set $out (i32.const 0x100080))
    (block $done
      (loop $record
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (br_if $done (i32.ge_u (local.get $count) (local.get $most)))
        (local.set $p (local.get $at))
        (local.set $raw (i32.const 0))
        (local.set $shift (i32.const 0))
        (loop $length
          (local.set $byte (i32.load8_u (local.get $p)))
          (local.set $raw
            (i32.or (local.get $raw)
              (i32.shl (i32.and (local.get $byte) (i32.const 127)) (local.get $shift))))
          (local.set $p (i32.add (local.get $p) (i32.const 1)))
          (local.set $shift (i32.add (local.get $shift) (i32.const 7)))
          (br_if $done (i32.gt_u (local.get $shift) (i32.const 28)))
          (br_if $length (i32.ge_u (local.get $byte) (i32.const 128))))
        (br_if $done (i32.gt_u (local.get $p) (local.get $end)))
        ;; An odd one is negative.
        (br_if $done (i32.or
          (i32.and (local.get $raw) (i32.const 1))
          (i32.gt_u (i32.shr_u (local.get $raw) (i32.const 1)) (i32.sub (local.get $end) (local.get $p)))))
        (local.set $recordEnd (i32.add (local.get $p) (i32.shr_u (local.get $raw) (i32.const 1))))
        (local.set $timeAt (i32.add (local.get $p) (i32.const 1)))
        (local.set $p (local.get $timeAt))
        (loop $time
          (br_if $done (i32.ge_u (local.get $p) (local.get $recordEnd)))
          (local.set $byte (i32.load8_u (local.get $p)))
          (local.set $anyTime (i32.or (local.get $anyTime) (local.get $byte)))
          (local.set $p (i32.add (local.get $p) (i32.const 1)))
          (br_if $time (i32.ge_u (local.get $byte) (i32.const 128))))
        (local.set $timeBytes (i32.sub (local.get $p) (local.get $timeAt)))
        (br_if $done (i32.gt_u (local.get $timeBytes) (i32.const 10)))
        (loop $offset
          (br_if $done (i32.ge_u (local.get $p) (local.get $recordEnd)))
          (local.set $byte (i32.load8_u (local.get $p)))
          (local.set $p (i32.add (local.get $p) (i32.const 1)))
          (br_if $offset (i32.ge_u (local.get $byte) (i32.const 128))))
        (local.set $tailBytes (i32.sub (local.get $recordEnd) (local.get $p)))
        (i32.store
          (i32.add (i32.const 0x300100) (i32.shl (local.get $count) (i32.const 2)))
          (i32.sub (local.get $out) (i32.const 0x100080)))
        (local.set $out
          (call $writeVarint (local.get $out)
            (i32.add
              (i32.add (i32.const 1) (local.get $timeBytes))
              (i32.add (call $varintBytes (local.get $delta)) (local.get $tailBytes)))))
        (i32.store8 (local.get $out) (i32.const 0))
        (local.set $out (i32.add (local.get $out) (i32.const 1)))
        (call $copy (local.get $timeAt) (local.get $out) (local.get $timeBytes))
        (local.set $out
          (call $writeVarint (i32.add (local.get $out) (local.get $timeBytes)) (local.get $delta)))
        (call $copy (local.get $p) (local.get $out) (local.get $tailBytes))
        (local.set $out (i32.add (local.get $out) (local.get $tailBytes)))
        (local.set $at (local.get $recordEnd))
        (local.set $delta (i32.add (local.get $delta) (i32.const 1)))
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (br $record)))
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $out))
    (i32.store (i32.const 8) (local.get $anyTime))
    (local.get $count)))
