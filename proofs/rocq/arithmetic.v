(** Linear combinations of facts, and strict inequalities between integers. *)
From mathcomp Require Import all_ssreflect all_algebra.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Combination.

Variables (R : realFieldType) (k : nat).
(** Fact i is low i <= high i, or low i = high i where equation i; multiplier i >= 0 unless it is an equation. *)
Variables (low high multiplier : 'I_k -> R) (equation : pred 'I_k).
Hypothesis facts : forall i, if equation i then low i = high i else low i <= high i.
Hypothesis signs : forall i, ~~ equation i -> 0 <= multiplier i.

Lemma combination_ge0 : 0 <= \sum_i multiplier i * (high i - low i).
Proof.
apply: sumr_ge0 => i _; have := facts i; case: ifPn => [_ ->|ineq le]; first by rewrite subrr mulr0.
by rewrite mulr_ge0 ?signs // subr_ge0.
Qed.

(** x <= y where y - x is a combination of facts and a constant c >= 0. *)
Theorem combination_le x y c :
  y - x = \sum_i multiplier i * (high i - low i) + c -> 0 <= c -> x <= y.
Proof. by move=> eq c0; rewrite -subr_ge0 eq addr_ge0 // combination_ge0. Qed.

(** x < y where y - x - 1 is one. *)
Theorem combination_lt x y c :
  y - x - 1 = \sum_i multiplier i * (high i - low i) + c -> 0 <= c -> x < y.
Proof.
move=> eq c0; rewrite -subr_gt0; apply: lt_le_trans ltr01 _; rewrite -subr_ge0 eq.
by rewrite addr_ge0 // combination_ge0.
Qed.

End Combination.

(** Matrices: left - right is a combination of differences that are 0. *)
Theorem matrix_combination (R : ringType) m n k (left right : 'M[R]_(m, n))
    (low high : 'I_k -> 'M[R]_(m, n)) (multiplier : 'I_k -> R) :
  (forall i, low i = high i) ->
  left - right = \sum_i multiplier i *: (high i - low i) -> left = right.
Proof.
by move=> facts eq; apply: subr0_eq; rewrite eq big1 // => i _; rewrite facts subrr scaler0.
Qed.

(** Between integers x < y is x + 1 <= y. *)
Theorem integer_step (x y : int) : x < y <-> x + 1 <= y.
Proof. by rewrite -subr_gt0 gtz0_ge1 -subr_ge0 -[x + 1 <= y]subr_ge0 opprD addrA. Qed.
