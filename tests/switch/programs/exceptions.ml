(* SPDX-License-Identifier: GPL-2.0-or-later
   Exceptions cut stacks off; the collector walks them. *)

exception Found of int

let rec deep n =
  if n = 0 then raise (Found 0) else
    match deep (n - 1) with
    | () -> ()
    | exception Found k when k mod 7 = 6 -> raise (Found (k + 2))
    | exception Found k -> raise (Found (k + 1))

let rec build n = if n = 0 then [] else string_of_int n :: build (n - 1)

let () =
  for i = 1 to 200 do
    (try deep i with Found k -> Printf.printf "%d " k);
    if i mod 50 = 0 then Gc.compact ()
  done;
  let lists = Array.init 30 (fun i -> build (i * 300)) in
  let total = Array.fold_left (fun n l -> n + List.length l) 0 lists in
  let sorted = List.sort compare (Array.to_list lists |> List.concat) in
  Printf.printf "\n%d %s\n" total (List.nth sorted 1000);
  let hash = Hashtbl.create 10 in
  List.iter (fun s -> Hashtbl.replace hash s (String.length s)) sorted;
  Printf.printf "%d\n" (Hashtbl.length hash)
