(** The rank of A^T A and of A^T D A, for A : m x n and D : m x m over an ordered field.

    Vectors x are columns. The column space of A is the row space of A^T, and ker D = { x | D x = 0 }
    is, transposed, the row space of kermx D^T. *)
From mathcomp Require Import all_ssreflect all_algebra.
From Geomcheck Require Import quadratic.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** A larger kernel means a smaller rank; equal kernels mean equal ranks. *)
Lemma rank_le_of_kernels (F : fieldType) k m n (A : 'M[F]_(k, n)) (B : 'M_(m, n)) :
  (forall x : 'cV_n, B *m x = 0 -> A *m x = 0) -> (\rank A <= \rank B)%N.
Proof.
move=> sub; have : (kermx B^T <= kermx A^T)%MS.
  apply/rV_subP => u /sub_kermxP uB; apply/sub_kermxP.
  by apply: trmx_inj; rewrite trmx_mul trmxK trmx0 sub // -[B]trmxK -trmx_mul uB trmx0.
move/mxrankS; rewrite !mxrank_ker !mxrank_tr => le.
by have := leq_sub2l n le; rewrite !subKn // rank_leq_col.
Qed.

Section Gram.

Variables (R : realFieldType) (m n : nat).
Implicit Types (A : 'M[R]_(m, n)) (D : 'M[R]_m).

(** rank (A^T A) = rank A. *)
Theorem gram_rank A : \rank (A^T *m A) = \rank A.
Proof.
apply/eqP; rewrite eqn_leq; apply/andP; split; first exact: mxrankM_maxr.
apply: rank_le_of_kernels => x zero; apply: square_eq0.
by rewrite trmx_mul -mulmxA (mulmxA A^T) zero mulmx0 mxE.
Qed.

(** D positive definite, symmetric or not: rank (A^T D A) = rank A. *)
Theorem gram_rank_definite A D : pd D -> \rank (A^T *m D *m A) = \rank A.
Proof.
move=> pdD; apply/eqP; rewrite eqn_leq; apply/andP; split; first exact: mxrankM_maxr.
apply: rank_le_of_kernels => x zero; apply/eqP; apply: contraT => /pdD.
by rewrite -form_congruence /form /bilinear -mulmxA zero mulmx0 mxE ltxx.
Qed.

(** D symmetric and positive semidefinite: A^T D A and D A have the same kernel. *)
Theorem gram_rank_factor A D : symmetric D -> psd D -> \rank (A^T *m D *m A) = \rank (D *m A).
Proof.
move=> symD psdD; apply/eqP; rewrite eqn_leq; apply/andP; split.
  by rewrite -mulmxA; apply: mxrankM_maxr.
apply: rank_le_of_kernels => x zero; rewrite -mulmxA; apply: psd_isotropic => //.
by rewrite -form_congruence /form /bilinear -mulmxA zero mulmx0 mxE.
Qed.

(** For any D: rank (D A) = rank A - dim (im A /\ ker D). *)
Theorem rank_mul_kernel k (F : fieldType) (A : 'M[F]_(m, n)) (D : 'M_(k, m)) :
  (\rank (D *m A) + \rank (A^T :&: kermx D^T)%MS)%N = \rank A.
Proof. by rewrite -[\rank (D *m A)]mxrank_tr trmx_mul mxrank_mul_ker mxrank_tr. Qed.

(** The sharp formula: rank (A^T D A) = rank A - dim (im A /\ ker D) for D symmetric and
    positive semidefinite. *)
Theorem gram_rank_semidefinite A D : symmetric D -> psd D ->
  \rank (A^T *m D *m A) = (\rank A - \rank (A^T :&: kermx D^T)%MS)%N.
Proof. by move=> symD psdD; rewrite gram_rank_factor // -(rank_mul_kernel A D) addnK. Qed.

(** A^T D A is then positive semidefinite: it has no negative eigenvalue. *)
Theorem gram_semidefinite A D : psd D -> psd (A^T *m D *m A).
Proof. by move=> psdD x; rewrite form_congruence. Qed.

End Gram.
