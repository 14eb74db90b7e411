(** The greatest value of an assignment, by a dual certificate, as for the greatest overlap of two
    points over all renumberings of hidden units; and how many renumberings there are. *)
From mathcomp Require Import all_ssreflect all_fingroup all_algebra.
From Geomcheck Require Import quadratic.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Assignment.

Variables (R : realFieldType) (n : nat) (c : 'M[R]_n) (u v : 'I_n -> R).

(** Prices u of rows and v of columns that cover every entry. *)
Hypothesis covers : forall i j, c i j <= u i + v j.

(** No permutation collects more than all prices. *)
Theorem assignment_bound (s : 'S_n) : \sum_i c i (s i) <= \sum_i u i + \sum_j v j.
Proof.
rewrite [X in _ <= _ + X](reindex_inj (@perm_inj _ s)) -big_split /=.
by apply: ler_sum => i _; apply: covers.
Qed.

(** A permutation along which every entry is covered exactly is a best one. *)
Theorem assignment_best (s : 'S_n) : (forall i, c i (s i) = u i + v (s i)) ->
  forall s' : 'S_n, \sum_i c i (s' i) <= \sum_i c i (s i).
Proof.
move=> exact_s s'; apply: le_trans (assignment_bound s') _.
rewrite [X in _ + X](reindex_inj (@perm_inj _ s)) -big_split /=.
by rewrite (eq_bigr (fun i => c i (s i))) // => i _; rewrite exact_s.
Qed.

(** Birkhoff's polytope: the bound holds for every doubly stochastic matrix. *)
Theorem assignment_relaxed (p : 'M[R]_n) : (forall i j, 0 <= p i j) ->
  (forall i, \sum_j p i j = 1) -> (forall j, \sum_i p i j = 1) ->
  \sum_i \sum_j p i j * c i j <= \sum_i u i + \sum_j v j.
Proof.
move=> p_ge0 rows columns.
have -> : \sum_i u i = \sum_i \sum_j p i j * u i.
  by apply: eq_bigr => i _; rewrite -mulr_suml rows mul1r.
have -> : \sum_j v j = \sum_i \sum_j p i j * v j.
  by rewrite exchange_big; apply: eq_bigr => j _; rewrite -mulr_suml columns mul1r.
rewrite -big_split /=; apply: ler_sum => i _; rewrite -big_split /=; apply: ler_sum => j _.
by rewrite -mulrDr; apply/le_mul_left/covers/p_ge0.
Qed.

End Assignment.

Local Open Scope group_scope.

Section Orbit.

(** Unit u of the permuted layer is the unit s u; units are compared by their class. *)
Variables (h : nat) (C : finType).
Implicit Types (f : {ffun 'I_h -> C}) (s : 'S_h).

Definition arranged f s : {ffun 'I_h -> C} := [ffun i => f (s i)].

Definition fixing f : {set 'S_h} := [set s | arranged f s == f].

Definition moved f s := arranged f s^-1.

Lemma moved_one f : moved f 1 = f.
Proof. by apply/ffunP => i; rewrite ffunE invg1 perm1. Qed.

Lemma moved_mul f s t : moved f (s * t) = moved (moved f s) t.
Proof. by apply/ffunP => i; rewrite !ffunE invMg permM. Qed.

(** orbit-stabiliser: the number of different arrangements times the number of permutations that
    change nothing is h!. *)
Theorem arrangements f : (#|[set arranged f s | s : 'S_h]| * #|fixing f|)%N = h`!.
Proof.
rewrite -[RHS]card_Sn -cardsT -(card_orbit_stab (TotalAction moved_one moved_mul) [set: 'S_h]%G f); congr (_ * _)%N.
  apply: eq_card => g; apply/imsetP/imsetP => [] [s _ ->]; exists s^-1 => //=.
    by rewrite inE.
  by rewrite /moved invgK.
rewrite -[LHS](card_imset _ (@invg_inj _)); apply: eq_card => s.
rewrite !inE sub1set inE /= /moved; apply/imsetP/idP => [[t]|fixed].
  by rewrite inE => fixed ->; rewrite invgK.
by exists s^-1; rewrite ?invgK ?inE.
Qed.

(** Units that all differ have h! arrangements. *)
Theorem arrangements_distinct f : injective f -> #|[set arranged f s | s : 'S_h]| = h`!.
Proof.
move=> inj; rewrite -(arrangements f); have -> : fixing f = [set 1%g]; last by rewrite cards1 muln1.
apply/setP => s; rewrite !inE; apply/eqP/eqP => [/ffunP same|->]; last first.
  by apply/ffunP => i; rewrite ffunE perm1.
by apply/permP => i; rewrite perm1; apply: inj; have := same i; rewrite ffunE.
Qed.

End Orbit.
