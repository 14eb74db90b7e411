(** Strictly diagonally dominant matrices: they are invertible, and a symmetric one is positive on the
    coordinates whose diagonal entry is positive and negative on the others. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Geomcheck Require Import quadratic gram selection.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Dominance.

Variables (R : realFieldType) (n : nat).
Implicit Types N M B : 'M[R]_n.

Definition dominant N := forall i, \sum_(j | j != i) `|N i j| < `|N i i|.

(** No row of N x is zero where |x_i| is largest. *)
Lemma dominant_injective N (x : 'cV[R]_n) : dominant N -> N *m x = 0 -> x = 0.
Proof.
move=> dom zero; apply/eqP; apply: contraT => nonzero; have /cV0Pn[i0 _] := nonzero.
case: (@arg_maxP _ _ _ i0 xpredT (fun i => `|x i 0|) isT) => i _ largest.
have [x0|x_neq0] := eqVneq (x i 0) 0.
  suff zero_x : x = 0 by rewrite zero_x eqxx in nonzero.
  apply/matrixP=> k j; rewrite (ord1 j) mxE; apply/eqP; rewrite -normr_le0.
  by apply: le_trans (largest k isT) _; rewrite x0 normr0.
have row_zero : N i i * x i 0 = - \sum_(j | j != i) N i j * x j 0.
  have := congr1 (fun y : 'cV_n => y i 0) zero; rewrite /= !mxE (bigD1 i) //=.
  by move/eqP; rewrite addr_eq0 => /eqP.
have x_gt0 : 0 < `|x i 0| by rewrite normr_gt0.
have : `|N i i| * `|x i 0| <= (\sum_(j | j != i) `|N i j|) * `|x i 0|.
  rewrite -normrM row_zero normrN mulr_suml; apply: le_trans (ler_norm_sum _ _ _) _.
  by apply: ler_sum => j _; rewrite normrM; apply: le_mul_left; [apply: normr_ge0 | apply: largest].
by rewrite leNgt lt_mul_right.
Qed.

(** Levy-Desplanques. *)
Theorem dominant_unit N : dominant N -> N \in unitmx.
Proof.
move=> dom; rewrite -row_full_unit /row_full; apply/eqP.
by apply: injective_rank => x; apply: dominant_injective.
Qed.

(** M is invertible if some B has M B close to 1: every row of M B - 1 has absolute sum below 1. *)
Theorem near_inverse_unit M B :
  (forall i, \sum_j `|(M *m B - 1%:M) i j| < 1) -> M \in unitmx.
Proof.
move=> near; suff /dominant_unit : dominant (M *m B) by rewrite unitmx_mul => /andP[].
move=> i; have := near i; rewrite (bigD1 i) //=; set rest := \sum_(j | _) _.
have -> : \sum_(j | j != i) `|(M *m B) i j| = rest.
  apply: eq_bigr => j j_i; have -> // : (M *m B - 1%:M) i j = (M *m B) i j.
  by rewrite [LHS]mxE [X in _ + X]mxE [X in _ - X]mxE eq_sym (negPf j_i) subr0.
have -> : (M *m B - 1%:M) i i = (M *m B) i i - 1.
  by rewrite [LHS]mxE [X in _ + X]mxE [X in _ - X]mxE eqxx.
move: ((M *m B) i i) => a small; rewrite -(lt_add_left `|a - 1|); apply: lt_le_trans small _.
have {1}-> : 1 = - (a - 1) + a by rewrite opprB subrK.
by apply: le_add; rewrite ?ler_norm // -normrN ler_norm.
Qed.

End Dominance.

Section Form.

Variables (R : realFieldType) (n : nat) (N : 'M[R]_n).
Hypotheses (symN : symmetric N) (dom : dominant N).

Let weight i := \sum_(j | j != i) `|N i j|.

(** form N x >= sum_i x_i^2 (N_ii - sum_(j <> i) |N_ij|), from 2 |x_i x_j| <= x_i^2 + x_j^2. *)
Lemma form_lower (x : 'cV[R]_n) : \sum_i x i 0 ^+ 2 * (N i i - weight i) <= form N x.
Proof.
pose T i j := if j == i then - N i i else `|N i j|.
have T_sym i j : T i j = T j i.
  rewrite /T eq_sym; case: eqP => [->//|_]; congr `|_|.
  by rewrite -[in LHS]symN mxE.
have entry i j : - (T i j * (x i 0 ^+ 2 + x j 0 ^+ 2)) <= (x i 0 * N i j * x j 0) *+ 2.
  rewrite /T; case: eqP => [->|_].
    by rewrite mulNr opprK -mulr2n mulrnAr expr2 mulrCA mulrA.
  set a := x i 0; set b := x j 0; set c := N i j.
  have ab : `|a * b *+ 2| <= a ^+ 2 + b ^+ 2.
    rewrite ler_norml -subr_ge0 opprK -[X in _ && X]subr_ge0; apply/andP; split.
      by rewrite addrC addrAC -sqrrD sqr_ge0.
    by rewrite addrAC -sqrrB sqr_ge0.
  have bound : - (a * c * b *+ 2) <= `|c| * (a ^+ 2 + b ^+ 2).
    apply: le_trans (le_mul_left (normr_ge0 c) ab).
    by rewrite -normrM mulrnAr mulrCA mulrA -normrN ler_norm.
  by rewrite -subr_ge0 opprK addrC -[X in _ + X]opprK subr_ge0.
have double : \sum_i \sum_j - (T i j * (x i 0 ^+ 2 + x j 0 ^+ 2))
    = (\sum_i x i 0 ^+ 2 * (N i i - weight i)) *+ 2.
  have side : \sum_i \sum_j - (T i j * x i 0 ^+ 2) = \sum_i x i 0 ^+ 2 * (N i i - weight i).
    apply: eq_bigr => i _; rewrite sumrN -mulr_suml mulrC -mulrN; congr (_ * _).
    rewrite (bigD1 i) //= /T eqxx opprD opprK; congr (_ - _).
    by apply: eq_bigr => j /negPf ->.
  rewrite mulr2n -{1}side -side [X in _ = _ + X]exchange_big -big_split /=.
  apply: eq_bigr => i _; rewrite -big_split /=; apply: eq_bigr => j _.
  by rewrite [T j i]T_sym mulrDr opprD.
rewrite -le_twice -double formE -sumrMnl; apply: ler_sum => i _.
by rewrite -sumrMnl; apply: ler_sum => j _.
Qed.

(** On the coordinates with a positive diagonal entry the form is positive definite. *)
Lemma dominant_positive (x : 'cV[R]_n) :
  (forall i, ~~ (0 < N i i) -> x i 0 = 0) -> x != 0 -> 0 < form N x.
Proof.
move=> support /cV0Pn[i0 xi0]; apply: lt_le_trans (form_lower x).
have term i : x i 0 != 0 -> 0 < x i 0 ^+ 2 * (N i i - weight i).
  move=> xi; have Nii : 0 < N i i by apply: contraNT xi => /support ->.
  rewrite mulr_gt0 ?subr_gt0 ?lt_def ?sqrf_eq0 ?xi ?sqr_ge0 //.
  by have := dom i; rewrite gtr0_norm // => lt; rewrite (gt_eqF lt) ltW.
rewrite (bigD1 i0) //=; apply: lt_le_trans (term _ xi0) _; apply: le_add_right.
apply: sumr_ge0 => i _; have [->|xi] := eqVneq (x i 0) 0; first by rewrite expr0n mul0r.
by apply/ltW/term.
Qed.

End Form.
