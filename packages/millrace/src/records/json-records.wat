;; Flume's JSON of events to records: `json-records.ts` calls it and tells what it takes; `npm run generate:wasm`
;; assembles it. Whatever is not the plain form ends it with status 1, and the document is read by JavaScript.
;;
;; The memory has a fixed size. Of each part what a 16-byte step may reach behind it is kept free:
;;   input    64 …          1 MiB of the document
;;   text     0x100080 …    1 MiB: the texts of one event, unescaped
;;   output   0x200100 …    2 MiB: records
;;   index    0x400180 …    where each record starts in the output, u32, 65,536 of them
;;   headers  0x440180 …    of one event, 32 of them: where name and value begin and end in the text, i32 each
;; and at 0: where a call ended, i32 each: input, output, phase, status, whether any event has headers.
;;
;; Phases: 0 before the array, 1 behind its bracket, 2 behind an event, 3 behind the array.
(module
  (memory (export "memory") 69 69)
  ;; Behind the texts so far.
  (global $text (mut i32) (i32.const 0x100080))

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

  ;; Writes a zigzag varint of what is not negative; returns the place after it.
  (func $writeVarint (param $at i32) (param $value i32) (result i32)
    (local $rest i32)
    (local.set $rest (i32.shl (local.get $value) (i32.const 1)))
    (loop $more
      (if (i32.ge_u (local.get $rest) (i32.const 128))
        (then
          (i32.store8 (local.get $at) (i32.or (local.get $rest) (i32.const 128)))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (local.set $rest (i32.shr_u (local.get $rest) (i32.const 7)))
          (br $more))))
    (i32.store8 (local.get $at) (local.get $rest))
    (i32.add (local.get $at) (i32.const 1)))

  ;; Writes length and bytes of the text `from` to `to`; returns the place after them.
  (func $writeText (param $at i32) (param $from i32) (param $to i32) (result i32)
    (local $end i32)
    (local.set $at (call $writeVarint (local.get $at) (i32.sub (local.get $to) (local.get $from))))
    (local.set $end (i32.add (local.get $at) (i32.sub (local.get $to) (local.get $from))))
    (loop $more
      (if (i32.lt_u (local.get $at) (local.get $end))
        (then
          (v128.store (local.get $at) (v128.load (local.get $from)))
          (local.set $from (i32.add (local.get $from) (i32.const 16)))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (br $more))))
    (local.get $end))

  ;; The place of the next byte that is no blank, `end` where there is none.
  (func $skip (param $p i32) (param $end i32) (result i32)
    (local $byte i32)
    (block $done
      (loop $more
        (br_if $done (i32.ge_u (local.get $p) (local.get $end)))
        (local.set $byte (i32.load8_u (local.get $p)))
        (if (i32.gt_u (local.get $byte) (i32.const 32)) (then (br $done)))
        (br_if $done
          (i32.eqz (i32.or
            (i32.or (i32.eq (local.get $byte) (i32.const 32)) (i32.eq (local.get $byte) (i32.const 10)))
            (i32.or (i32.eq (local.get $byte) (i32.const 13)) (i32.eq (local.get $byte) (i32.const 9))))))
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (br $more)))
    (local.get $p))

  ;; The value of four hexadecimal digits; -1: they are none.
  (func $hex (param $p i32) (result i32)
    (local $stop i32) (local $value i32) (local $byte i32)
    (local.set $stop (i32.add (local.get $p) (i32.const 4)))
    (loop $more
      (local.set $byte (i32.load8_u (local.get $p)))
      (if (i32.lt_u (i32.sub (local.get $byte) (i32.const 48)) (i32.const 10))
        (then (local.set $byte (i32.sub (local.get $byte) (i32.const 48))))
        (else
          (local.set $byte (i32.sub (i32.or (local.get $byte) (i32.const 32)) (i32.const 97)))
          (if (i32.ge_u (local.get $byte) (i32.const 6)) (then (return (i32.const -1))))
          (local.set $byte (i32.add (local.get $byte) (i32.const 10)))))
      (local.set $value (i32.or (i32.shl (local.get $value) (i32.const 4)) (local.get $byte)))
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (br_if $more (i32.lt_u (local.get $p) (local.get $stop))))
    (local.get $value))

  ;; Writes a character as UTF-8; returns the place after it.
  (func $writeUtf8 (param $to i32) (param $char i32) (result i32)
    (if (i32.lt_u (local.get $char) (i32.const 0x80))
      (then
        (i32.store8 (local.get $to) (local.get $char))
        (return (i32.add (local.get $to) (i32.const 1)))))
    (if (i32.lt_u (local.get $char) (i32.const 0x800))
      (then
        (i32.store8 (local.get $to)
          (i32.or (i32.const 0xc0) (i32.shr_u (local.get $char) (i32.const 6)))))
      (else
        (if (i32.lt_u (local.get $char) (i32.const 0x10000))
          (then
            (i32.store8 (local.get $to)
              (i32.or (i32.const 0xe0) (i32.shr_u (local.get $char) (i32.const 12)))))
          (else
            (i32.store8 (local.get $to)
              (i32.or (i32.const 0xf0) (i32.shr_u (local.get $char) (i32.const 18))))
            (local.set $to (i32.add (local.get $to) (i32.const 1)))
            (i32.store8 (local.get $to)
              (i32.or (i32.const 0x80)
                (i32.and (i32.shr_u (local.get $char) (i32.const 12)) (i32.const 0x3f))))))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (i32.store8 (local.get $to)
          (i32.or (i32.const 0x80)
            (i32.and (i32.shr_u (local.get $char) (i32.const 6)) (i32.const 0x3f))))))
    (i32.store8 offset=1 (local.get $to)
      (i32.or (i32.const 0x80) (i32.and (local.get $char) (i32.const 0x3f))))
    (i32.add (local.get $to) (i32.const 2)))

  ;; What stands for one character behind a backslash; -1: nothing that is plain.
  (func $escaped (param $kind i32) (result i32)
    (if (i32.or
          (i32.or (i32.eq (local.get $kind) (i32.const 34)) (i32.eq (local.get $kind) (i32.const 92)))
          (i32.eq (local.get $kind) (i32.const 47)))
      (then (return (local.get $kind))))
    (if (i32.eq (local.get $kind) (i32.const 110)) (then (return (i32.const 10))))
    (if (i32.eq (local.get $kind) (i32.const 116)) (then (return (i32.const 9))))
    (if (i32.eq (local.get $kind) (i32.const 114)) (then (return (i32.const 13))))
    (if (i32.eq (local.get $kind) (i32.const 98)) (then (return (i32.const 8))))
    (if (i32.eq (local.get $kind) (i32.const 102)) (then (return (i32.const 12))))
    (i32.const -1))

  ;; The string whose first quote stands before `p`, unescaped to the text; returns the place behind its last quote.
  ;; -1: it goes on behind `end`; -2: it is not plain.
  (func $string (param $p i32) (param $end i32) (result i32)
    (local $to i32) (local $bytes v128) (local $mask i32) (local $char i32) (local $low i32)
    (local.set $to (global.get $text))
    (loop $more
      (if (i32.ge_u (local.get $p) (local.get $end)) (then (return (i32.const -1))))
      (local.set $bytes (v128.load (local.get $p)))
      (v128.store (local.get $to) (local.get $bytes))
      (local.set $mask
        (i8x16.bitmask (v128.or
          (i8x16.eq (local.get $bytes)
            (v128.const i8x16 34 34 34 34 34 34 34 34 34 34 34 34 34 34 34 34))
          (i8x16.eq (local.get $bytes)
            (v128.const i8x16 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92)))))
      (if (i32.eqz (local.get $mask))
        (then
          (local.set $p (i32.add (local.get $p) (i32.const 16)))
          (local.set $to (i32.add (local.get $to) (i32.const 16)))
          (br $more)))
      (local.set $mask (i32.ctz (local.get $mask)))
      (local.set $p (i32.add (local.get $p) (local.get $mask)))
      (local.set $to (i32.add (local.get $to) (local.get $mask)))
      (if (i32.ge_u (local.get $p) (local.get $end)) (then (return (i32.const -1))))
      (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 34))
        (then
          (global.set $text (local.get $to))
          (return (i32.add (local.get $p) (i32.const 1)))))
      (if (i32.ge_u (i32.add (local.get $p) (i32.const 1)) (local.get $end)) (then (return (i32.const -1))))
      (local.set $char (i32.load8_u offset=1 (local.get $p)))
      (if (i32.ne (local.get $char) (i32.const 117))
        (then
          (local.set $char (call $escaped (local.get $char)))
          (if (i32.lt_s (local.get $char) (i32.const 0)) (then (return (i32.const -2))))
          (i32.store8 (local.get $to) (local.get $char))
          (local.set $to (i32.add (local.get $to) (i32.const 1)))
          (local.set $p (i32.add (local.get $p) (i32.const 2)))
          (br $more)))
      (if (i32.gt_u (i32.add (local.get $p) (i32.const 6)) (local.get $end)) (then (return (i32.const -1))))
      (local.set $char (call $hex (i32.add (local.get $p) (i32.const 2))))
      (if (i32.lt_s (local.get $char) (i32.const 0)) (then (return (i32.const -2))))
      (local.set $p (i32.add (local.get $p) (i32.const 6)))
      ;; Half a character alone is not plain.
      (if (i32.eq (i32.and (local.get $char) (i32.const 0xfc00)) (i32.const 0xdc00))
        (then (return (i32.const -2))))
      (if (i32.eq (i32.and (local.get $char) (i32.const 0xfc00)) (i32.const 0xd800))
        (then
          (if (i32.gt_u (i32.add (local.get $p) (i32.const 6)) (local.get $end))
            (then (return (i32.const -1))))
          ;; \u, little end first
          (if (i32.ne (i32.load16_u (local.get $p)) (i32.const 0x755c)) (then (return (i32.const -2))))
          (local.set $low (call $hex (i32.add (local.get $p) (i32.const 2))))
          (if (i32.ne (i32.and (local.get $low) (i32.const 0xfffffc00)) (i32.const 0xdc00))
            (then (return (i32.const -2))))
          (local.set $p (i32.add (local.get $p) (i32.const 6)))
          (local.set $char
            (i32.add
              (i32.const 0x10000)
              (i32.or
                (i32.shl (i32.and (local.get $char) (i32.const 0x3ff)) (i32.const 10))
                (i32.and (local.get $low) (i32.const 0x3ff)))))))
      (local.set $to (call $writeUtf8 (local.get $to) (local.get $char)))
      (br $more))
    (unreachable))

  ;; Whether one of the first `count` headers has the name `from` to `to`.
  (func $isKnown (param $count i32) (param $from i32) (param $to i32) (result i32)
    (local $at i32) (local $p i32) (local $q i32)
    (local.set $at (i32.add (i32.const 0x440180) (i32.shl (local.get $count) (i32.const 4))))
    (block $none
      (loop $next
        (br_if $none (i32.eq (local.get $at) (i32.const 0x440180)))
        (local.set $at (i32.sub (local.get $at) (i32.const 16)))
        (local.set $q (i32.load (local.get $at)))
        (br_if $next (i32.ne
          (i32.sub (i32.load offset=4 (local.get $at)) (local.get $q))
          (i32.sub (local.get $to) (local.get $from))))
        (local.set $p (local.get $from))
        (block $same
          (loop $byte
            (br_if $same (i32.ge_u (local.get $p) (local.get $to)))
            (br_if $next (i32.ne (i32.load8_u (local.get $p)) (i32.load8_u (local.get $q))))
            (local.set $p (i32.add (local.get $p) (i32.const 1)))
            (local.set $q (i32.add (local.get $q) (i32.const 1)))
            (br $byte)))
        (return (i32.const 1))))
    (i32.const 0))

  ;; The events of the document from `at` to `end`, of which `phase` is known, as records numbered from `delta` on;
  ;; returns how many. What is not whole is left, and so is what the output has no room for.
  (func (export "events") (param $at i32) (param $end i32) (param $phase i32) (param $delta i32) (result i32)
    (local $p i32) (local $byte i32) (local $out i32) (local $count i32) (local $any i32) (local $status i32)
    (local $from i32) (local $bodyFrom i32) (local $bodyTo i32) (local $hasBody i32) (local $hasHeaders i32)
    (local $headers i32) (local $headerBytes i32) (local $span i32) (local $length i32)
    (local.set $out (i32.const 0x200100))
    (block $stop
      (block $odd
        (loop $event
          ;; `at` and `phase` are where it goes on, should the rest not be whole.
          (local.set $at (call $skip (local.get $at) (local.get $end)))
          (br_if $stop (i32.ge_u (local.get $at) (local.get $end)))
          (local.set $p (local.get $at))
          (local.set $byte (i32.load8_u (local.get $p)))
          (if (i32.eqz (local.get $phase))
            (then
              (br_if $odd (i32.ne (local.get $byte) (i32.const 91)))
              (local.set $at (i32.add (local.get $p) (i32.const 1)))
              (local.set $phase (i32.const 1))
              (br $event)))
          (br_if $odd (i32.eq (local.get $phase) (i32.const 3)))
          (if (i32.eq (local.get $byte) (i32.const 93))
            (then
              (local.set $phase (i32.const 3))
              (local.set $at (call $skip (i32.add (local.get $p) (i32.const 1)) (local.get $end)))
              (br $stop)))
          (if (i32.eq (local.get $phase) (i32.const 2))
            (then
              (br_if $odd (i32.ne (local.get $byte) (i32.const 44)))
              (local.set $p (call $skip (i32.add (local.get $p) (i32.const 1)) (local.get $end)))
              (br_if $stop (i32.ge_u (local.get $p) (local.get $end)))
              (local.set $byte (i32.load8_u (local.get $p)))))
          (br_if $odd (i32.ne (local.get $byte) (i32.const 123)))
          (br_if $stop (i32.ge_u (local.get $count) (i32.const 65536)))
          (global.set $text (i32.const 0x100080))
          (local.set $bodyFrom (i32.const 0x100080))
          (local.set $bodyTo (i32.const 0x100080))
          (local.set $hasBody (i32.const 0))
          (local.set $hasHeaders (i32.const 0))
          (local.set $headers (i32.const 0))
          (local.set $headerBytes (i32.const 0))
          (local.set $p (call $skip (i32.add (local.get $p) (i32.const 1)) (local.get $end)))
          (br_if $stop (i32.ge_u (local.get $p) (local.get $end)))
          (block $object
            (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 125))
              (then (local.set $p (i32.add (local.get $p) (i32.const 1))) (br $object)))
            (loop $member
              ;; Behind `p` stands a quote, or what is odd.
              (br_if $odd (i32.ne (i32.load8_u (local.get $p)) (i32.const 34)))
              (br_if $stop (i32.gt_u (i32.add (local.get $p) (i32.const 9)) (local.get $end)))
              (if (i32.and
                    (i32.eq (i32.load offset=1 (local.get $p)) (i32.const 0x79646f62)) ;; body
                    (i32.eq (i32.load8_u offset=5 (local.get $p)) (i32.const 34)))
                (then
                  (br_if $odd (local.get $hasBody))
                  (local.set $hasBody (i32.const 1))
                  (local.set $p (call $skip (i32.add (local.get $p) (i32.const 6)) (local.get $end)))
                  (br_if $stop (i32.ge_u (local.get $p) (local.get $end)))
                  (br_if $odd (i32.ne (i32.load8_u (local.get $p)) (i32.const 58)))
                  (local.set $p (call $skip (i32.add (local.get $p) (i32.const 1)) (local.get $end)))
                  (br_if $stop (i32.ge_u (local.get $p) (local.get $end)))
                  (br_if $odd (i32.ne (i32.load8_u (local.get $p)) (i32.const 34)))
                  (local.set $bodyFrom (global.get $text))
                  (local.set $p (call $string (i32.add (local.get $p) (i32.const 1)) (local.get $end)))
                  (br_if $stop (i32.eq (local.get $p) (i32.const -1)))
                  (br_if $odd (i32.eq (local.get $p) (i32.const -2)))
                  (local.set $bodyTo (global.get $text)))
                (else
                  (br_if $odd (i64.ne
                    (i64.load offset=1 (local.get $p))
                    (i64.const 0x2273726564616568))) ;; headers"
                  (br_if $odd (local.get $hasHeaders))
                  (local.set $hasHeaders (i32.const 1))
                  (local.set $p (call $skip (i32.add (local.get $p) (i32.const 9)) (local.get $end)))
                  (br_if $stop (i32.ge_u (local.get $p) (local.get $end)))
                  (br_if $odd (i32.ne (i32.load8_u (local.get $p)) (i32.const 58)))
                  (local.set $p (call $skip (i32.add (local.get $p) (i32.const 1)) (local.get $end)))
                  (br_if $stop (i32.ge_u (local.get $p) (local.get $end)))
                  (br_if $odd (i32.ne (i32.load8_u (local.get $p)) (i32.const 123)))
                  (local.set $p (call $skip (i32.add (local.get $p) (i32.const 1)) (local.get $end)))
                  (br_if $stop (i32.ge_u (local.get $p) (local.get $end)))
                  (block $pairs
                    (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 125))
                      (then (local.set $p (i32.add (local.get $p) (i32.const 1))) (br $pairs)))
                    (loop $pair
                      (br_if $odd (i32.ne (i32.load8_u (local.get $p)) (i32.const 34)))
                      (br_if $odd (i32.ge_u (local.get $headers) (i32.const 32)))
                      (local.set $span
                        (i32.add (i32.const 0x440180) (i32.shl (local.get $headers) (i32.const 4))))
                      (local.set $from (global.get $text))
                      (local.set $p (call $string (i32.add (local.get $p) (i32.const 1)) (local.get $end)))
                      (br_if $stop (i32.eq (local.get $p) (i32.const -1)))
                      (br_if $odd (i32.eq (local.get $p) (i32.const -2)))
                      (br_if $odd
                        (call $isKnown (local.get $headers) (local.get $from) (global.get $text)))
                      (i32.store (local.get $span) (local.get $from))
                      (i32.store offset=4 (local.get $span) (global.get $text))
                      (local.set $length (i32.sub (global.get $text) (local.get $from)))
                      (local.set $headerBytes
                        (i32.add (local.get $headerBytes)
                          (i32.add (local.get $length) (call $varintBytes (local.get $length)))))
                      (local.set $p (call $skip (local.get $p) (local.get $end)))
                      (br_if $stop (i32.ge_u (local.get $p) (local.get $end)))
                      (br_if $odd (i32.ne (i32.load8_u (local.get $p)) (i32.const 58)))
                      (local.set $p (call $skip (i32.add (local.get $p) (i32.const 1)) (local.get $end)))
                      (br_if $stop (i32.ge_u (local.get $p) (local.get $end)))
                      (br_if $odd (i32.ne (i32.load8_u (local.get $p)) (i32.const 34)))
                      (local.set $from (global.get $text))
                      (local.set $p (call $string (i32.add (local.get $p) (i32.const 1)) (local.get $end)))
                      (br_if $stop (i32.eq (local.get $p) (i32.const -1)))
                      (br_if $odd (i32.eq (local.get $p) (i32.const -2)))
                      (i32.store offset=8 (local.get $span) (local.get $from))
                      (i32.store offset=12 (local.get $span) (global.get $text))
                      (local.set $length (i32.sub (global.get $text) (local.get $from)))
                      (local.set $headerBytes
                        (i32.add (local.get $headerBytes)
                          (i32.add (local.get $length) (call $varintBytes (local.get $length)))))
                      (local.set $headers (i32.add (local.get $headers) (i32.const 1)))
                      (local.set $p (call $skip (local.get $p) (local.get $end)))
                      (br_if $stop (i32.ge_u (local.get $p) (local.get $end)))
                      (local.set $byte (i32.load8_u (local.get $p)))
                      (if (i32.eq (local.get $byte) (i32.const 44))
                        (then
                          (local.set $p (call $skip (i32.add (local.get $p) (i32.const 1)) (local.get $end)))
                          (br_if $stop (i32.ge_u (local.get $p) (local.get $end)))
                          (br $pair)))
                      (br_if $odd (i32.ne (local.get $byte) (i32.const 125)))
                      (local.set $p (i32.add (local.get $p) (i32.const 1)))))))
              (local.set $p (call $skip (local.get $p) (local.get $end)))
              (br_if $stop (i32.ge_u (local.get $p) (local.get $end)))
              (local.set $byte (i32.load8_u (local.get $p)))
              (if (i32.eq (local.get $byte) (i32.const 44))
                (then
                  (local.set $p (call $skip (i32.add (local.get $p) (i32.const 1)) (local.get $end)))
                  (br_if $stop (i32.ge_u (local.get $p) (local.get $end)))
                  (br $member)))
              (br_if $odd (i32.ne (local.get $byte) (i32.const 125)))
              (local.set $p (i32.add (local.get $p) (i32.const 1)))))
          ;; attributes 0 · timestamp delta 0 · offset delta · key length -1 · value · number of headers · headers
          (local.set $length (i32.sub (local.get $bodyTo) (local.get $bodyFrom)))
          (local.set $length
            (i32.add
              (i32.add
                (i32.add (i32.const 3) (call $varintBytes (i32.add (local.get $delta) (local.get $count))))
                (i32.add (local.get $length) (call $varintBytes (local.get $length))))
              (i32.add (call $varintBytes (local.get $headers)) (local.get $headerBytes))))
          (br_if $stop
            (i32.gt_u (i32.add (local.get $out) (local.get $length)) (i32.const 0x4000f8)))
          (i32.store
            (i32.add (i32.const 0x400180) (i32.shl (local.get $count) (i32.const 2)))
            (i32.sub (local.get $out) (i32.const 0x200100)))
          (local.set $out (call $writeVarint (local.get $out) (local.get $length)))
          (i32.store16 (local.get $out) (i32.const 0))
          (local.set $out
            (call $writeVarint
              (i32.add (local.get $out) (i32.const 2))
              (i32.add (local.get $delta) (local.get $count))))
          (i32.store8 (local.get $out) (i32.const 1))
          (local.set $out
            (call $writeText (i32.add (local.get $out) (i32.const 1)) (local.get $bodyFrom) (local.get $bodyTo)))
          (local.set $out (call $writeVarint (local.get $out) (local.get $headers)))
          (local.set $any (i32.or (local.get $any) (local.get $headers)))
          (local.set $span (i32.const 0x440180))
          (loop $header
            (if (local.get $headers)
              (then
                (local.set $out
                  (call $writeText (local.get $out)
                    (i32.load (local.get $span)) (i32.load offset=4 (local.get $span))))
                (local.set $out
                  (call $writeText (local.get $out)
                    (i32.load offset=8 (local.get $span)) (i32.load offset=12 (local.get $span))))
                (local.set $span (i32.add (local.get $span) (i32.const 16)))
                (local.set $headers (i32.sub (local.get $headers) (i32.const 1)))
                (br $header))))
          (local.set $count (i32.add (local.get $count) (i32.const 1)))
          (local.set $phase (i32.const 2))
          (local.set $at (local.get $p))
          (br $event)))
      (local.set $status (i32.const 1)))
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $out))
    (i32.store (i32.const 8) (local.get $phase))
    (i32.store (i32.const 12) (local.get $status))
    (i32.store (i32.const 16) (local.get $any))
    (local.get $count)))
