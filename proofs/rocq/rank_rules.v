(** Rules that hold for all matrices over a field; most of them are theorems of mathcomp, restated in
    the words of the checker: A has m rows and n columns, ker A = { x | A x = 0 }. *)
From mathcomp Require Import all_ssreflect all_algebra.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

Section Rules.

Variable F : fieldType.

(** Transposed, ker A is the row space of kermx A^T. *)
Theorem kernel_transposed m n (A : 'M[F]_(m, n)) (x : 'cV_n) :
  A *m x = 0 <-> (x^T <= kermx A^T)%MS.
Proof.
split=> [zero|/sub_kermxP zero]; first by apply/sub_kermxP; rewrite -trmx_mul zero trmx0.
by apply: trmx_inj; rewrite trmx_mul zero trmx0.
Qed.

Theorem rank_nullity m n (A : 'M[F]_(m, n)) : (\rank A + \rank (kermx A^T))%N = n.
Proof. by rewrite mxrank_ker mxrank_tr subnKC // rank_leq_col. Qed.

Theorem rank_shape m n (A : 'M[F]_(m, n)) : (\rank A <= m)%N /\ (\rank A <= n)%N.
Proof. by rewrite rank_leq_row rank_leq_col. Qed.

Theorem rank_transpose m n (A : 'M[F]_(m, n)) : \rank A^T = \rank A.
Proof. exact: mxrank_tr. Qed.

Theorem rank_product m n p (A : 'M[F]_(m, n)) (B : 'M_(n, p)) :
  (\rank (A *m B) <= \rank A)%N /\ (\rank (A *m B) <= \rank B)%N.
Proof. by rewrite mxrankM_maxl mxrankM_maxr. Qed.

Theorem rank_through m n (G : 'M[F]_(m, n)) (D : 'M_m) :
  [/\ (\rank (G^T *m D *m G) <= \rank G)%N, (\rank (G^T *m D *m G) <= \rank D)%N
    & (\rank (G^T *m D *m G) <= \rank (D *m G))%N].
Proof.
split; first exact: mxrankM_maxr; last by rewrite -mulmxA; apply: mxrankM_maxr.
by apply: leq_trans (mxrankM_maxl _ _) _; apply: mxrankM_maxr.
Qed.

Theorem rank_scaled m n (c : F) (A : 'M[F]_(m, n)) : c != 0 -> \rank (c *: A) = \rank A.
Proof. by move=> c_neq0; rewrite (eqmx_scale A c_neq0). Qed.

Theorem rank_opposite m n (A : 'M[F]_(m, n)) : \rank (- A) = \rank A.
Proof. by rewrite (eqmx_opp A). Qed.

Theorem rank_sum m n (A B : 'M[F]_(m, n)) :
  (\rank (A + B)%R <= \rank A + \rank B)%N /\ (\rank (A - B)%R <= \rank A + \rank B)%N.
Proof. by split; last rewrite -(rank_opposite B); apply: mxrank_add. Qed.

(** Congruence by an invertible V. *)
Theorem rank_congruence n (M V : 'M[F]_n) : V \in unitmx -> \rank (V^T *m M *m V) = \rank M.
Proof.
move=> unit; rewrite mxrankMfree ?row_free_unit // -mxrank_tr trmx_mul trmxK.
by rewrite mxrankMfree ?row_free_unit // mxrank_tr.
Qed.

(** A square matrix that is not of full rank has determinant 0. *)
Theorem rank_determinant n (A : 'M[F]_n) : (\rank A < n)%N -> \det A = 0.
Proof.
move=> deficient; apply/eqP; apply: contraTT deficient => nonzero.
by rewrite -leqNgt mxrank_unit // unitmxE unitfE.
Qed.

(** A set of rows and columns: the rank of a submatrix is at most the rank. *)
Theorem rank_submatrix m n k l (f : 'I_k -> 'I_m) (g : 'I_l -> 'I_n) (A : 'M[F]_(m, n)) :
  (\rank (mxsub f g A) <= \rank A)%N.
Proof.
rewrite mxsubrc; apply: leq_trans (mxrankS (rowsub_sub f (colsub g A))) _.
by rewrite -mxrank_tr -[leqRHS]mxrank_tr trmx_mxsub; apply/mxrankS/rowsub_sub.
Qed.

End Rules.
