(** The output Hessian of softmax cross-entropy on logits, D = diag p - p p^T with sum p = 1. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Geomcheck Require Import quadratic.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Softmax.

Variables (R : realFieldType) (n : nat) (p : 'rV[R]_n).
Hypothesis total : \sum_i p 0 i = 1.

Definition softmax_hessian : 'M[R]_n := diag_mx p - p^T *m p.

Definition mean (x : 'cV[R]_n) := \sum_i p 0 i * x i 0.

(** x^T D x = sum_i p_i (x_i - mean)^2, the variance of x under p. *)
Lemma softmax_form x : form softmax_hessian x = \sum_i p 0 i * (x i 0 - mean x) ^+ 2.
Proof.
transitivity (\sum_i p 0 i * x i 0 ^+ 2 - mean x ^+ 2).
  rewrite /form /bilinear mulmxBr mulmxBl [LHS]mxE [X in _ + X]mxE; congr (_ - _).
    rewrite mul_mx_diag mxE; apply: eq_bigr => i _; rewrite !mxE expr2.
    by rewrite [x i 0 * p 0 i]mulrC mulrA.
  have px : (p *m x) 0 0 = mean x by rewrite mxE.
  have xp : (x^T *m p^T) 0 0 = mean x by rewrite -px -trmx_mul mxE.
  by rewrite mulmxA -mulmxA mxE big_ord1 px xp expr2.
have expand i : p 0 i * (x i 0 - mean x) ^+ 2 =
    p 0 i * x i 0 ^+ 2 - p 0 i * x i 0 * mean x *+ 2 + p 0 i * mean x ^+ 2.
  by rewrite sqrrB !mulrDr mulrN mulrnAr (mulrA _ _ (mean x)).
rewrite (eq_bigr _ (fun i _ => expand i)) !big_split /= sumrN sumrMnl -!mulr_suml total mul1r -/(mean x).
by rewrite mulr2n -expr2 opprD -!addrA addNr addr0.
Qed.

Theorem softmax_psd : (forall i, 0 <= p 0 i) -> psd softmax_hessian.
Proof.
by move=> p_ge0 x; rewrite softmax_form sumr_ge0 // => i _; rewrite mulr_ge0 ?sqr_ge0.
Qed.

(** With p > 0 the kernel of the form is the line of constant vectors. *)
Theorem softmax_kernel x : (forall i, 0 < p 0 i) ->
  form softmax_hessian x = 0 <-> forall i, x i 0 = mean x.
Proof.
move=> p_gt0; rewrite softmax_form; split=> [/eqP|constant].
  rewrite psumr_eq0 => [/allP zero i|i _]; last by rewrite mulr_ge0 ?sqr_ge0 // ltW.
  have := zero i (mem_index_enum i); rewrite /= mulf_eq0 gt_eqF // sqrf_eq0 subr_eq0.
  by move/eqP.
by rewrite big1 // => i _; rewrite constant subrr expr0n mulr0.
Qed.

End Softmax.
