(** Full rank and the residual; inclusions of kernels and images; traces; order of parameters. *)
From mathcomp Require Import all_ssreflect all_fingroup all_algebra.
From Geomcheck Require Import quadratic gram rank_rules inertia.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

Section Field.

Variable F : fieldType.

(** full-rank: G^T r = 0 and rank G = number of rows give r = 0. *)
Theorem full_rank_residual m n (G : 'M[F]_(m, n)) (r : 'cV_m) :
  (m <= \rank G)%N -> G^T *m r = 0 -> r = 0.
Proof.
move=> full zero; have free : row_free G by rewrite /row_free eqn_leq rank_leq_row.
apply: trmx_inj; apply: (row_free_inj free); apply: trmx_inj.
by rewrite trmx_mul trmxK zero trmx0 mul0mx trmx0.
Qed.

(** inclusion: ker Y lies in ker XY. *)
Theorem kernel_of_product m n k (X : 'M[F]_(m, n)) (Y : 'M_(n, k)) :
  \rank (kermx Y^T :&: kermx (X *m Y)^T)%MS = \rank (kermx Y^T).
Proof.
have sub : (kermx Y^T <= kermx (X *m Y)^T)%MS.
  by apply/sub_kermxP; rewrite trmx_mul mulmxA mulmx_ker mul0mx.
by rewrite (capmx_idPl sub).
Qed.

(** inclusion: im XY lies in im X. *)
Theorem image_of_product m n k (X : 'M[F]_(m, n)) (Y : 'M_(n, k)) :
  \rank ((X *m Y)^T :&: X^T)%MS = \rank (X *m Y).
Proof.
have sub : ((X *m Y)^T <= X^T)%MS by rewrite trmx_mul submxMl.
by rewrite (capmx_idPl sub) mxrank_tr.
Qed.

(** inclusion: ker X and ker Y meet inside ker (X + Y). *)
Theorem kernel_of_sum m n (X Y : 'M[F]_(m, n)) :
  (\rank (kermx X^T :&: kermx Y^T)%MS <= \rank (kermx (X + Y)^T))%N.
Proof.
apply/mxrankS/sub_kermxP; set K := (_ :&: _)%MS.
have /sub_kermxP zero : (K <= kermx X^T)%MS by apply: capmxSl.
have /sub_kermxP zero' : (K <= kermx Y^T)%MS by apply: capmxSr.
by have -> : (X + Y)^T = X^T + Y^T; [exact: linearD | rewrite mulmxDr zero zero' addr0].
Qed.

(** det = 0 exactly below full rank. *)
Theorem determinant_zero n (A : 'M[F]_n) : (\det A == 0) = (0 < \rank (kermx A^T))%N.
Proof.
rewrite -[\det A == 0]negbK -unitfE -unitmxE -row_free_unit /row_free mxrank_ker mxrank_tr.
by rewrite subn_gt0 ltn_neqAle rank_leq_row andbT.
Qed.

(** The entries of theta in another order, those of permuted hidden units: G is changed by a permutation
    matrix, H by a congruence with it. *)
Theorem reordered_jacobian m n (s : 'S_n) (G : 'M[F]_(m, n)) : \rank (G *m perm_mx s) = \rank G.
Proof. by rewrite mxrankMfree // row_free_unit unitmx_perm. Qed.

Theorem reordered_hessian n (s : 'S_n) (H : 'M[F]_n) : let H' := (perm_mx s)^T *m H *m perm_mx s in
  [/\ \rank H' = \rank H, \tr H' = \tr H & \det H' = \det H].
Proof.
have inverse : perm_mx s *m (perm_mx s)^T = 1%:M :> 'M[F]_n.
  by rewrite tr_perm_mx -perm_mxM mulgV perm_mx1.
split; first by apply: rank_congruence; apply: unitmx_perm.
  by rewrite mxtrace_mulC mulmxA inverse mul1mx.
by rewrite !det_mulmx mulrC mulrA -det_mulmx inverse det1 mul1r.
Qed.

End Field.

(** trace: linear, the same for the transpose, and of XY and YX. *)
Theorem trace_rules (R : comRingType) n k (A B : 'M[R]_n) (c : R) (X : 'M[R]_(n, k)) (Y : 'M_(k, n)) :
  [/\ \tr (A + B) = \tr A + \tr B, \tr (c *: A) = c * \tr A, \tr A^T = \tr A & \tr (X *m Y) = \tr (Y *m X)].
Proof. by split; [exact: mxtraceD | exact: mxtraceZ | exact: mxtrace_tr | exact: mxtrace_mulC]. Qed.

Section Ordered.

Variable R : realFieldType.

(** inclusion: im X meets ker X^T in 0 only. *)
Theorem image_meets_kernel m n (X : 'M[R]_(m, n)) : \rank (X^T :&: kermx X)%MS = 0%N.
Proof.
have := rank_mul_kernel X X^T; rewrite gram_rank trmxK => /eqP.
by rewrite -[X in _ == X]addn0 eqn_add2l => /eqP.
Qed.

(** A symmetric H and its reordered form have the same inertia. *)
Theorem reordered_inertia n (s : 'S_n) (H : 'M[R]_n) p q :
  inertia H p q <-> inertia ((perm_mx s)^T *m H *m perm_mx s) p q.
Proof. by apply: inertia_congruence; apply: unitmx_perm. Qed.

End Ordered.
