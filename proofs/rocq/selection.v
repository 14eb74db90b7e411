(** Coordinate subspaces, and the rank of a diagonal matrix. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Geomcheck Require Import quadratic gram minors kernels.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

Section Selection.

Variables (F : fieldType) (n : nat).
Implicit Type P : pred 'I_n.

(** The columns e_i with P i. *)
Definition sel P : 'M[F]_(n, #|P|) := \matrix_(i, k) (i == enum_val k)%:R.

Lemma sel_out P (u : 'cV_#|P|) i : ~~ P i -> (sel P *m u) i 0 = 0.
Proof.
move=> outside; rewrite mxE big1 // => k _; rewrite mxE.
by case: eqP outside => [->|_]; rewrite ?mul0r // [P _](enum_valP k).
Qed.

Lemma sel_in P (u : 'cV_#|P|) k : (sel P *m u) (enum_val k) 0 = u k 0.
Proof.
rewrite mxE (bigD1 k) //= mxE eqxx mul1r big1 ?addr0 // => l l_k.
by rewrite mxE (inj_eq enum_val_inj) eq_sym (negPf l_k) mul0r.
Qed.

Lemma sel_eq0 P (u : 'cV_#|P|) : sel P *m u = 0 -> u = 0.
Proof. by move=> zero; apply/matrixP=> k j; rewrite (ord1 j) -sel_in zero !mxE. Qed.

(** A matrix without kernel has full column rank. *)
Lemma injective_rank k (T : 'M[F]_(n, k)) : (forall u : 'cV_k, T *m u = 0 -> u = 0) -> \rank T = k.
Proof.
move=> inj; apply/eqP; rewrite eqn_leq rank_leq_col -[leqLHS](mxrank1 F).
by apply: rank_le_of_kernels => u /inj ->; rewrite mulmx0.
Qed.

Lemma rank_sel P : \rank (sel P) = #|P|.
Proof. by apply: injective_rank => u; apply: sel_eq0. Qed.

(** rank (diag d) is the number of nonzero entries of d. *)
Theorem rank_diagonal (d : 'rV[F]_n) : \rank (diag_mx d) = #|[pred i | d 0 i != 0]|.
Proof.
set P := [pred i | _]; apply/eqP; rewrite eqn_leq; apply/andP; split; last first.
  apply: (@minor_rank _ _ _ _ (@enum_val _ P) (@enum_val _ P)).
  have -> : mxsub enum_val enum_val (diag_mx d) = diag_mx (\row_(k < #|P|) d 0 (enum_val k)).
    by apply/matrixP=> k l; rewrite !mxE (inj_eq enum_val_inj).
  by rewrite det_diag; apply/prodf_neq0 => k _; rewrite mxE; apply: (enum_valP k).
have zero : diag_mx d *m sel [predC P] = 0.
  apply/matrixP=> i k; rewrite mul_diag_mx !mxE; case: eqP => [->|_]; rewrite ?mulr0 //.
  have outside : ~~ P (enum_val k) := enum_valP k.
  by move: outside; rewrite negbK => /eqP ->; rewrite mul0r.
apply: leq_trans (kernel_rank zero) _; rewrite rank_sel -[n in (n - _)%N]card_ord -(cardC P).
by rewrite addnK.
Qed.

End Selection.
