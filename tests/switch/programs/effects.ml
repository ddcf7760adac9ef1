(* SPDX-License-Identifier: GPL-2.0-or-later
   OCaml 5: fibers have stacks of their own, which grow. *)

open Effect
open Effect.Deep

type _ Effect.t += Yield : int -> int Effect.t

let rec deep n = if n = 0 then perform (Yield 1) else deep (n - 1) + 1

let body i () = deep (i * 100) + deep (i * 10) + perform (Yield i)

let handle f =
  match_with f () {
    retc = (fun x -> x);
    exnc = raise;
    effc = (fun (type a) (e : a Effect.t) ->
      match e with
      | Yield n -> Some (fun (k : (a, _) continuation) ->
          if n mod 3 = 0 then Gc.minor ();
          continue k (n + 1))
      | _ -> None) }

let () =
  for i = 1 to 60 do
    Printf.printf "%d " (handle (fun () -> handle (body i) + perform (Yield 5)))
  done;
  print_newline ()
